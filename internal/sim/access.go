package sim

import (
	"net/http"
	"time"
)

// access says in the words of GetFoundationModelAvailability whether the
// account may use a model.
type access struct{ agreement, authorization, entitlement, region string }

var fullAccess = access{"AVAILABLE", "AUTHORIZED", "AVAILABLE", "AVAILABLE"}

// lifetime is when a model came and goes. A date that AWS does not give is nil.
type lifetime struct{ start, legacy, extended, end *time.Time }

// refusal is why the account can not call the model at this time, or nil.
func (m *model) refusal(now time.Time) *fault {
	switch end := m.lifetime.end; {
	case m.access != fullAccess:
		return &fault{http.StatusForbidden, "AccessDeniedException",
			"You don't have access to the model with the specified model ID."}
	case end != nil && !now.Before(*end):
		return &fault{http.StatusNotFound, "ResourceNotFoundException",
			"This model version has reached the end of its life. Please refer to the AWS documentation for more details."}
	}
	return nil
}

// getModelAvailability answers for base models alone, as AWS does.
func (s *Server) getModelAvailability(c *call) {
	t := s.targets[c.label]
	if t == nil || !t.onDemand {
		c.noSuchModel()
		return
	}
	a := t.model.access
	agreement := map[string]string{"status": a.agreement}
	if a.agreement == "ERROR" {
		agreement["errorMessage"] = "The agreement could not be made."
	}
	c.sendJSON(http.StatusOK, map[string]any{
		"modelId": t.model.id, "agreementAvailability": agreement, "authorizationStatus": a.authorization,
		"entitlementAvailability": a.entitlement, "regionAvailability": a.region,
	})
}

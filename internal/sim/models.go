package sim

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// modelInfo is a model in the replies of the control plane.
type modelInfo struct {
	Arn              string    `json:"modelArn"`
	ID               string    `json:"modelId"`
	Name             string    `json:"modelName"`
	Provider         string    `json:"providerName"`
	InputModalities  []string  `json:"inputModalities"`
	OutputModalities []string  `json:"outputModalities"`
	Streaming        bool      `json:"responseStreamingSupported"`
	Customizations   []string  `json:"customizationsSupported"`
	InferenceTypes   []string  `json:"inferenceTypesSupported"`
	Lifecycle        lifecycle `json:"modelLifecycle"`
}

type lifecycle struct {
	Status   string     `json:"status"`
	Start    *time.Time `json:"startOfLifeTime,omitempty"`
	Legacy   *time.Time `json:"legacyTime,omitempty"`
	Extended *time.Time `json:"publicExtendedAccessTime,omitempty"`
	End      *time.Time `json:"endOfLifeTime,omitempty"`
}

func (s *Server) modelInfo(m *model) modelInfo {
	return modelInfo{
		Arn: s.account.modelARN(m.id), ID: m.id, Name: m.name, Provider: m.provider,
		InputModalities: []string{"TEXT"}, OutputModalities: m.modalities,
		Streaming: m.streams() == nil, Customizations: append([]string{}, m.customizations...), InferenceTypes: m.inferenceTypes,
		Lifecycle: lifecycle{
			Status: m.lifecycle, Start: m.lifetime.start, Legacy: m.lifetime.legacy,
			Extended: m.lifetime.extended, End: m.lifetime.end,
		},
	}
}

// filter is a query parameter that takes one of a few words.
type filter struct {
	parameter string
	words     []string
}

var modelFilters = []filter{
	{"byOutputModality", []string{"TEXT", "IMAGE", "EMBEDDING", "VIDEO", "SPEECH"}},
	{"byInferenceType", []string{"ON_DEMAND", "PROVISIONED"}},
	{"byCustomizationType", customizationTypes},
}

var customizationTypes = []string{"FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION"}

// check refuses a word that a query parameter does not take.
func (c *call) check(filters []filter) *fault {
	query := c.r.URL.Query()
	for _, f := range filters {
		if v := query.Get(f.parameter); v != "" && !slices.Contains(f.words, v) {
			return notAmong(f.parameter, f.words)
		}
	}
	return nil
}

// listFoundationModels lists all models in one reply: the operation has no
// pages.
func (s *Server) listFoundationModels(c *call) {
	if bad := c.check(modelFilters); bad != nil {
		c.fail(bad)
		return
	}
	query := c.r.URL.Query()
	provider, modality := query.Get("byProvider"), query.Get("byOutputModality")
	inference, customization := query.Get("byInferenceType"), query.Get("byCustomizationType")
	summaries := []modelInfo{}
	for _, m := range s.account.models {
		if (provider == "" || strings.EqualFold(provider, m.provider)) &&
			(modality == "" || slices.Contains(m.modalities, modality)) &&
			(inference == "" || m.has(inference)) &&
			(customization == "" || slices.Contains(m.customizations, customization)) {
			summaries = append(summaries, s.modelInfo(m))
		}
	}
	c.sendJSON(http.StatusOK, map[string]any{"modelSummaries": summaries})
}

// identifierForm is what the service takes for the identifier of a model,
// before it looks whether there is one.
var identifierForm = regexp.MustCompile(`^(arn:aws[a-z-]*:bedrock:[a-z0-9-]*:[0-9]{0,12}:[a-z-]+/)?[a-zA-Z0-9][a-zA-Z0-9._:-]*$`)

func (s *Server) getFoundationModel(c *call) {
	t := s.targets[c.label]
	if t == nil || !t.onDemand {
		c.noSuchModel()
		return
	}
	c.sendJSON(http.StatusOK, map[string]any{"modelDetails": s.modelInfo(t.model)})
}

// noSuchModel answers where a base model is wanted, and the label names none.
func (c *call) noSuchModel() {
	if !identifierForm.MatchString(c.label) {
		c.fail(invalid("The provided model identifier is invalid."))
		return
	}
	c.fail(&fault{http.StatusNotFound, "ResourceNotFoundException",
		"Could not resolve the foundation model from the provided model identifier."})
}

package sim

import (
	"encoding/xml"
	"net/http"
)

// callerIdentity is the reply of GetCallerIdentity in the query protocol.
type callerIdentity struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

// getCallerIdentity names the account. Every caller is one role session of it.
func (s *Server) getCallerIdentity(c *call) {
	const role, session = "loadline-simulated", "simulated"
	arn := "arn:" + s.account.partition() + ":sts::" + s.account.ID + ":assumed-role/" + role + "/" + session
	const user = "AROASIMULATED0000000:" + session
	c.sendXML(http.StatusOK, callerIdentity{
		Arn: arn, UserID: user, Account: s.account.ID, RequestID: c.w.Header().Get("X-Amzn-Requestid"),
	})
}

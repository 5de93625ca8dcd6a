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
	const user = "AROASIMULATED0000000:" + callerSession
	c.sendXML(http.StatusOK, callerIdentity{
		Arn: s.account.callerARN(), UserID: user, Account: s.account.ID, RequestID: c.w.Header().Get("X-Amzn-Requestid"),
	})
}

const callerSession = "simulated"

func (a *Account) callerARN() string {
	return "arn:" + a.partition() + ":sts::" + a.ID + ":assumed-role/loadline-simulated/" + callerSession
}

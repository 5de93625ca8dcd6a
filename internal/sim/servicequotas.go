package sim

import "net/http"

// listServiceQuotas lists the applied values, also those of 0.
func (s *Server) listServiceQuotas(c *call) {
	s.listQuotas(c, "applied", s.account.ID, func(q quota) float64 { return q.value })
}

// listDefaultServiceQuotas lists what AWS gives by default; the ARNs there name
// no account.
func (s *Server) listDefaultServiceQuotas(c *call) {
	s.listQuotas(c, "default", "", func(q quota) float64 { return q.byDefault })
}

func (s *Server) listQuotas(c *call, list, owner string, value func(quota) float64) {
	body, bad := c.decode()
	in := &fields{object: body}
	code, token, service := in.text("QuotaCode"), in.text("NextToken"), in.text("ServiceCode")
	size, sized := in.number("MaxResults")
	level := in.text("QuotaAppliedAtLevel")
	switch {
	case bad != nil:
	case in.bad != nil:
		bad = in.bad
	case service == "":
		bad = &fault{http.StatusBadRequest, "IllegalArgumentException", "ServiceCode is required."}
	case service != "bedrock":
		bad = &fault{http.StatusNotFound, "NoSuchResourceException", "The request failed because the specified service does not exist."}
	case sized && (size < 1 || size > 100):
		bad = &fault{http.StatusBadRequest, "IllegalArgumentException", "MaxResults is between 1 and 100."}
	}
	if bad != nil {
		c.fail(bad)
		return
	}
	if !sized {
		size = 100 // undocumented by AWS
	}
	var rows []quota
	for _, q := range s.account.quotas {
		if (code == "" || list == "default" || q.code == code) && level != "RESOURCE" {
			rows = append(rows, q)
		}
	}
	rows, next, ok := page(rows, size, "quotas "+list+" "+code+" "+level, token)
	if !ok {
		c.fail(&fault{http.StatusBadRequest, "InvalidPaginationTokenException", "Invalid input: NextToken."})
		return
	}
	quotas := make([]any, len(rows))
	for i, q := range rows {
		quotas[i] = object{
			"ServiceCode": "bedrock", "ServiceName": "Amazon Bedrock",
			"QuotaArn":  "arn:" + s.account.partition() + ":servicequotas:" + s.account.Region + ":" + owner + ":bedrock/" + q.code,
			"QuotaCode": q.code, "QuotaName": q.name, "Value": value(q), "Unit": "None",
			"Adjustable": q.adjustable, "GlobalQuota": false, "QuotaAppliedAtLevel": "ACCOUNT",
		}
	}
	out := object{"Quotas": quotas}
	if next != "" {
		out["NextToken"] = next
	}
	c.reply(out)
}

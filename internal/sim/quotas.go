package sim

// quotaError is why a quota of a list has no value: Service Quotas reports it
// beside the quota, inside a reply that is a success.
type quotaError struct{ code, message string }

// listServices lists the services whose quotas the account has: one.
func listServices(_ *Server, in *fields) (object, *fault) {
	return quotaPage(in, "Services", "services", []string{bedrockQuotas}, func(code string) object {
		return object{"ServiceCode": code, "ServiceName": bedrockName}
	})
}

// listServiceQuotas lists the applied values, also those of 0, and not the
// quotas that have none.
func listServiceQuotas(s *Server, in *fields) (object, *fault) {
	if bad := quotaService(in); bad != nil {
		return nil, bad
	}
	code, level := in.text("QuotaCode"), in.text("QuotaAppliedAtLevel")
	var rows []*quota
	for i := range s.account.quotas {
		q := &s.account.quotas[i]
		if (code == "" || q.code == code) && level != "RESOURCE" && !q.unapplied {
			rows = append(rows, q)
		}
	}
	return quotaPage(in, "Quotas", "quotas applied "+code+" "+level, rows, s.appliedQuota)
}

// listDefaultServiceQuotas lists what AWS gives by default.
func listDefaultServiceQuotas(s *Server, in *fields) (object, *fault) {
	if bad := quotaService(in); bad != nil {
		return nil, bad
	}
	var rows []*quota
	for i := range s.account.quotas {
		rows = append(rows, &s.account.quotas[i])
	}
	return quotaPage(in, "Quotas", "quotas default", rows, s.defaultQuota)
}

func getServiceQuota(s *Server, in *fields) (object, *fault) {
	q, bad := s.quotaNamed(in)
	if bad != nil {
		return nil, bad
	}
	if q.unapplied {
		return nil, noSuchResource("The request failed because the specified quota has no applied value.")
	}
	return object{"Quota": s.appliedQuota(q)}, nil
}

func getDefaultServiceQuota(s *Server, in *fields) (object, *fault) {
	q, bad := s.quotaNamed(in)
	if bad != nil {
		return nil, bad
	}
	return object{"Quota": s.defaultQuota(q)}, nil
}

// appliedQuota is a quota as it holds for the account: with a value, or with
// the reason why there is none.
func (s *Server) appliedQuota(q *quota) object {
	o := s.quotaInfo(q, s.account.ID)
	if q.failed != nil {
		o["ErrorReason"] = object{"ErrorCode": q.failed.code, "ErrorMessage": q.failed.message}
	} else {
		o["Value"] = q.value
	}
	return o
}

// defaultQuota is a quota as AWS gives it; its ARN names no account.
func (s *Server) defaultQuota(q *quota) object {
	o := s.quotaInfo(q, "")
	o["Value"] = q.byDefault
	return o
}

func (s *Server) quotaInfo(q *quota, owner string) object {
	return object{
		"ServiceCode": bedrockQuotas, "ServiceName": bedrockName, "QuotaArn": s.account.quotaARN(owner, q.code),
		"QuotaCode": q.code, "QuotaName": q.name, "Unit": "None",
		"Adjustable": q.adjustable, "GlobalQuota": false, "QuotaAppliedAtLevel": "ACCOUNT",
	}
}

func (a *Account) quotaARN(owner, code string) string {
	return "arn:" + a.partition() + ":servicequotas:" + a.Region + ":" + owner + ":bedrock/" + code
}

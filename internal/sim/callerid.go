package sim

// getCallerIdentity names the account. Every caller is one role session of it.
func (s *Server) getCallerIdentity(c *call) {
	c.reply(object{"Arn": s.account.callerARN(), "UserId": "AROASIMULATED0000000:" + callerSession, "Account": s.account.ID})
}

const callerSession = "simulated"

func (a *Account) callerARN() string {
	return "arn:" + a.partition() + ":sts::" + a.ID + ":assumed-role/loadline-simulated/" + callerSession
}

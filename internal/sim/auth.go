package sim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A credential is a key pair that the account knows.
type credential struct {
	accessKey, secretKey string
	sessionToken         string    // "": of a user, which has none
	expires              time.Time // zero: never
}

// Credentials are what a client of the account can call with: a key pair, with a
// session token where it is temporary, or else a bearer key.
type Credentials struct {
	AccessKey, SecretKey, SessionToken string
	BearerKey                          string // "" where there is a key pair
}

// Credentials are the first key pair of the account file, whether it has expired
// or not; without pairs the first bearer key, which opens Bedrock alone; and
// without both a pair made up, since the account lets everyone in.
func (a *Account) Credentials() Credentials {
	switch {
	case len(a.credentials) > 0:
		first := a.credentials[0]
		return Credentials{AccessKey: first.accessKey, SecretKey: first.secretKey, SessionToken: first.sessionToken}
	case len(a.bearerKeys) > 0:
		return Credentials{BearerKey: a.bearerKeys[0]}
	}
	return Credentials{AccessKey: "SIMULATED", SecretKey: "simulated-secret"}
}

// signingNames are the services of Operation in the words of a signature's scope.
var signingNames = map[string]string{
	"bedrock": "bedrock", "bedrock-runtime": "bedrock", "servicequotas": "servicequotas",
	"cloudwatch": "monitoring", "sts": "sts", "pricing": "pricing",
}

// maxSkew is how far the clock of a caller may be from ours.
const maxSkew = 5 * time.Minute

// authenticate finds out who calls, where the account file gives credentials or
// bearer keys; else only the scope of a signature has to be that of the service.
// A signature in the query, as presigned URLs have it, is not understood.
func (s *Server) authenticate(c *call, api *API) *fault {
	service, _, _ := strings.Cut(api.Operation, ".")
	name := signingNames[service]
	if name == "" {
		return nil // nothing of AWS
	}
	header := c.r.Header.Get("Authorization")
	scope, scoped := scopeService(header)
	required := len(s.account.credentials)+len(s.account.bearerKeys) > 0
	kind, key, _ := strings.Cut(header, " ")
	switch {
	case !required && scoped && scope != name:
		return c.wrongScope(name)
	case !required:
		return nil
	case header == "":
		return c.authFault("MissingAuthenticationTokenException", "Missing Authentication Token")
	case strings.EqualFold(kind, "Bearer") && name == "bedrock":
		return s.checkBearer(c, strings.TrimSpace(key))
	}
	return s.checkSignature(c, name, header)
}

func (s *Server) checkBearer(c *call, key string) *fault {
	for _, known := range s.account.bearerKeys {
		if subtle.ConstantTimeCompare([]byte(known), []byte(key)) == 1 {
			return nil
		}
	}
	return c.authFault("AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.")
}

func (s *Server) checkSignature(c *call, service, header string) *fault {
	a, wrong := parseAuthorization(header)
	if wrong != "" {
		return c.authFault("IncompleteSignatureException", wrong)
	}
	i := slices.IndexFunc(s.account.credentials, func(k credential) bool { return k.accessKey == a.accessKey })
	token, now := c.r.Header.Get("X-Amz-Security-Token"), time.Now().UTC()
	if i < 0 || s.account.credentials[i].sessionToken != token {
		return c.authFault("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	k := s.account.credentials[i]
	if !k.expires.IsZero() && !now.Before(k.expires) {
		return c.authFault("ExpiredTokenException", "The security token included in the request is expired")
	}
	date := c.r.Header.Get("X-Amz-Date")
	at, err := time.Parse(sigv4Time, date)
	switch {
	case err != nil:
		return c.authFault("IncompleteSignatureException", "Authorization header requires existence of a 'X-Amz-Date' header of the form YYYYMMDD'T'HHMMSS'Z'.")
	case a.service != service:
		return c.wrongScope(service)
	case a.region != s.account.Region && service != "sts" && service != "pricing": // those two answer for all Regions
		return c.authFault(wrongSignature, "Credential should be scoped to a valid region. ")
	case a.day != date[:len("20060102")]:
		return c.authFault(wrongSignature, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+
			a.day+"' != '"+date[:len("20060102")]+"', from '"+date+"'.")
	case now.Sub(at) > maxSkew:
		return c.authFault(wrongSignature, "Signature expired: "+date+" is now earlier than "+
			now.Add(-maxSkew).Format(sigv4Time)+" ("+now.Format(sigv4Time)+" - 5 min.)")
	case at.Sub(now) > maxSkew:
		return c.authFault(wrongSignature, "Signature not yet current: "+date+" is still later than "+
			now.Add(maxSkew).Format(sigv4Time)+" ("+now.Format(sigv4Time)+" + 5 min.)")
	}
	for name := range c.r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(a.signed, name) {
			return c.authFault(wrongSignature, "'"+name+"' must be a 'SignedHeader' in the AWS Authorization.")
		}
	}
	if !slices.Contains(a.signed, "host") {
		return c.authFault(wrongSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	payload, err := c.payload()
	if err != nil {
		return c.authFault(wrongSignature, "The payload can not be read: "+err.Error())
	}
	canonical := canonicalRequest(c.r, a.signed, payload)
	want, text := a.sign(k.secretKey, date, canonical)
	if !hmac.Equal([]byte(want), []byte(a.signature)) {
		return c.authFault(wrongSignature, "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\n"+
			"The Canonical String for this request should have been\n'"+canonical+"'\n\n"+
			"The String-to-Sign should have been\n'"+text+"'\n")
	}
	return nil
}

// payload is the hash of the body, or what stands for it where the caller leaves
// the body unsigned. The body can be read again afterwards.
func (c *call) payload() (string, error) {
	if c.r.Header.Get(payloadHash) == unsigned {
		return unsigned, nil
	}
	body := c.raw // of a form, which was read to know the operation
	if body == nil {
		var err error
		if body, err = c.body(); err != nil {
			return "", err
		}
		c.r = c.r.WithContext(c.r.Context()) // a copy: the request is not ours to change
		c.r.Body = io.NopCloser(bytes.NewReader(body))
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// scopeService is the service in the scope of a signature. It looks at no more
// than that: every request of every account comes by here.
func scopeService(header string) (service string, ok bool) {
	if !strings.HasPrefix(header, sigv4+" ") {
		return "", false
	}
	_, scope, _ := strings.Cut(header, "Credential=")
	scope, _, _ = strings.Cut(scope, ",")
	scope, ok = strings.CutSuffix(strings.TrimSpace(scope), "/"+terminator)
	return scope[strings.LastIndexByte(scope, '/')+1:], ok
}

func (c *call) wrongScope(service string) *fault {
	return c.authFault(wrongSignature, "Credential should be scoped to correct service: '"+service+"'. ")
}

const wrongSignature = "InvalidSignatureException"

// queryCodes are the errors of authentication in the words of services that
// speak the query protocol, or once did.
var queryCodes = map[string]string{
	wrongSignature: "SignatureDoesNotMatch", "UnrecognizedClientException": "InvalidClientTokenId",
	"ExpiredTokenException": "ExpiredToken", "MissingAuthenticationTokenException": "MissingAuthenticationToken",
	"IncompleteSignatureException": "IncompleteSignature",
}

// authFault is a refusal in the words of the call's protocol. The statuses are
// those of services of the same protocol; AWS does not document them.
func (c *call) authFault(code, message string) *fault {
	status := http.StatusForbidden
	if c.protocol == awsQuery || c.service != nil && c.service.query {
		code = orElse(queryCodes[code], code)
	} else if c.protocol == awsJSON {
		status = http.StatusBadRequest
	}
	return &fault{status, code, message}
}

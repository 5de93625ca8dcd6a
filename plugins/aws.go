package plugins

import (
	"context"
	"time"

	"github.com/loadline-dev/loadline/record"
)

// AWS is the account under test: the real one or a simulated one, behind the
// same code.
//
// The methods that read return an error when the work could not be done. A
// throttled or failed invocation is not an error but the outcome of a reply.
type AWS interface {
	// Identity tells whose credentials are in use.
	Identity(ctx context.Context) (Identity, error)
	// Quotas lists the Service Quotas of Bedrock, applied and default. The list
	// may be up to a day old, unless fresh is asked for.
	Quotas(ctx context.Context, fresh bool) (QuotaList, error)
	// QuotasByCode reads single quotas, anew; those that are not there are left
	// out. For a few codes it takes seconds where the list takes half a minute.
	QuotasByCode(ctx context.Context, codes []string) ([]Quota, error)
	// Increases lists the requests for higher quotas that are open, by code.
	Increases(ctx context.Context) (map[string]record.Increase, error)
	// Catalog lists models, inference profiles and provisioned throughput.
	Catalog(ctx context.Context) (Catalog, error)
	// Profile reads one inference profile by its id or ARN.
	Profile(ctx context.Context, id string) (Profile, error)
	// Access asks whether the account may use foundation models, in their order.
	Access(ctx context.Context, baseIDs []string) []Access
	// Measure reads statistics of CloudWatch over a window, in the order asked, in
	// as few requests as it takes. The window must begin and end at whole periods,
	// counted from the zero time. A series that could not be read completely is an
	// error, never a shorter series.
	Measure(ctx context.Context, queries []Query, w record.Window) ([]Points, error)
	// Series lists the series that CloudWatch has of a metric, those with data in
	// the last two weeks. One that is new may be missing for a quarter of an hour.
	Series(ctx context.Context, namespace, metric string) ([]Series, error)
	// CountTokens asks how many input tokens an invocation has. It is free, and
	// not every model can be asked.
	CountTokens(ctx context.Context, in Invocation) (int64, error)
	// Invoke sends one request, once: nothing below retries it.
	Invoke(ctx context.Context, in Invocation) Reply
}

// Identity is the caller. Region is where the calls go.
type Identity struct{ Account, ARN, Region string }

// QuotaList is the Service Quotas of Bedrock as they were read.
type QuotaList struct {
	Rows []Quota
	// Age is how long ago the values were read; 0 where it was just now.
	Age time.Duration
	// Notes tell what went wrong without harm to the rows.
	Notes []string
}

// Quota is one row of Service Quotas. Applied and Default are nil where AWS
// gave no value; Problem then says why, if AWS did.
type Quota struct {
	Code, Name       string
	Applied, Default *float64
	Adjustable       bool
	Problem          string
}

// Filed is a request for a higher quota as AWS took it.
type Filed struct {
	ID, Status string // PENDING, CASE_OPENED, APPROVED, ...
	Case       string // of support; "" where none was opened
	Created    time.Time
}

// Catalog is what the account can call. A list is nil where it could not be
// read, and empty where there is nothing; Notes tell why one is nil.
type Catalog struct {
	Models      []FoundationModel
	Profiles    []Profile
	Provisioned []Provisioned
	Notes       []string
}

// FoundationModel is one model of ListFoundationModels.
type FoundationModel struct {
	ID, Name, Provider string
	InferenceTypes     []string // ON_DEMAND, PROVISIONED, INFERENCE_PROFILE
	Lifecycle          string   // ACTIVE, LEGACY
	// Legacy and EndOfLife are nil where AWS gives no date.
	Legacy, EndOfLife *time.Time
}

// Profile is an inference profile. ModelARNs are the models behind it.
type Profile struct {
	ID, ARN, Name string
	ModelARNs     []string
	Application   bool
}

// Provisioned is a provisioned throughput.
type Provisioned struct {
	ARN, Name, ModelARN, Status string // Creating, InService, Updating, Failed
	BaseARN                     string // the foundation model, also behind a custom one
	Units                       int
	Commitment                  string     // OneMonth, SixMonths, "" for none
	CommitmentEnds              *time.Time // nil without a commitment
}

// Access is what AWS says of one foundation model and this account, in its own
// words. Where it could not be asked, Problem says why, and the words are "".
type Access struct {
	Agreement     string // AVAILABLE, PENDING, NOT_AVAILABLE, ERROR
	Authorization string // AUTHORIZED, NOT_AUTHORIZED
	Entitlement   string // AVAILABLE, NOT_AVAILABLE
	Region        string // AVAILABLE, NOT_AVAILABLE
	Problem       string
}

// Offer is a price of the Price List: of what its attributes say, in US dollars
// for one Unit, whose size only Unit or Description tell.
type Offer struct {
	Service, SKU      string
	Attributes        map[string]string
	Unit, Description string
	USD               string
}

// The operations that invoke a model.
const (
	APIInvoke         = "invoke"
	APIInvokeStream   = "invoke-stream"
	APIConverse       = "converse"
	APIConverseStream = "converse-stream"
)

// TakesBody reports whether an operation takes the body of the model's family.
func TakesBody(api string) bool { return api == APIInvoke || api == APIInvokeStream }

// Streams reports whether the reply of an operation comes in pieces.
func Streams(api string) bool { return api == APIInvokeStream || api == APIConverseStream }

// Invocation is one request to a model.
type Invocation struct {
	API     string
	ModelID string
	Prompt  Prompt
	// Body is the family's body for the prompt, for the operations that take
	// one. It must not change any more.
	Body []byte
	// Tier and Latency are the service tier and the latency to ask for; "" asks
	// for none.
	Tier, Latency string
	// LongContext asks Converse for the context window of a million tokens,
	// which is in beta. A body says it itself.
	LongContext bool
	// Stall is the longest that a stream may be silent, from the head of the
	// reply to its end, before it is cut off; 0 is without limit.
	Stall time.Duration
	// Usage, Stream and NoOutput are those of the model's family.
	Usage    Usage
	Stream   *Stream
	NoOutput bool
	Tariff   Tariff
	// InputTokens is the estimate by which the budget is kept until the reply
	// tells the real number.
	InputTokens int64
}

// Most is the most that the request can use: the estimate of its input and all
// the output that it allows. It is also what AWS reserves when it comes in.
func (in Invocation) Most() record.Usage {
	u := record.Usage{Input: in.InputTokens, Output: in.Prompt.MaxTokens}
	if in.NoOutput {
		u.Output = 0
	}
	return u
}

// Reply is how an invocation ended. Code and Message come from AWS.
type Reply struct {
	Outcome record.Outcome
	Status  int
	Code    string
	Message string
	Usage   *record.Usage // nil where the reply told none
	// FirstByte is when the head of a reply came that was no error; zero where
	// none did.
	FirstByte time.Time
	// FirstToken is when the first text of a stream came; zero where none did,
	// or where the reply is no stream.
	FirstToken time.Time
	// Gap is the longest time between two texts of a stream; 0 where fewer came.
	Gap time.Duration
	// Limit is which limit AWS named as it refused the call, one of
	// record.Limits; "" where it named none that is known.
	Limit string
	// RetryAfter is how long AWS asks to wait before another try; 0 where it does
	// not.
	RetryAfter time.Duration
	// Denied says that AWS does not know the caller, or not let it: credentials
	// that are wrong or have expired, rights that are missing.
	Denied bool
	// MidStream says that AWS told the error in the middle of a stream, after
	// the status 200.
	MidStream bool
	// Served is the service tier or latency that the reply tells, where it is
	// another than was asked; "" where it is not.
	Served string
}

// LongContextBeta is what a request says that asks for the context window of a
// million tokens. Source: "Anthropic Claude Messages API" in the user guide.
const LongContextBeta = "context-1m-2025-08-07"

// CodeBudget is the code of a reply that was never sent because the budget of
// the run is used up. Its outcome is dropped.
const CodeBudget = "budget"

package pacing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A Pacer is the limits and the policy of one or more clients: clients that share
// one share its limits, its budget of retries and its counts. It is safe for
// concurrent use.
type Pacer struct {
	limits  Limits
	byModel map[string]*Limiter
	all     []*Limiter
	others  sync.Map // model id to *Limiter without limits
	retryer *retryer
	around  middleware.InitializeMiddleware // its step; the SDK makes a stack for each call
}

// The other two steps, which have nothing of their own.
var (
	eachAttempt = middleware.FinalizeMiddlewareFunc("PacingAttempt", attempt)
	eachReply   = middleware.DeserializeMiddlewareFunc("PacingReply", reply)
)

// New makes a pacer. Limits that would not bind what they are meant to are a
// mistake of the program, and panic: a model named twice or none at all, a number
// below 0, a share that is not from 0 to 1.
func New(limits Limits, policy Policy) *Pacer {
	limits.check()
	p := &Pacer{limits: limits, byModel: map[string]*Limiter{}, retryer: newRetryer(&policy)}
	p.around = middleware.InitializeMiddlewareFunc("PacingCall", p.begin)
	for _, of := range limits.Of {
		if len(of.Models) == 0 {
			panic("pacing: a limit names no model, and would bind none: name the ids that it is for in Models")
		}
		of.Models = slices.Clone(of.Models)
		l := NewLimiter(of, limits.Share, limits.MaxWait)
		p.all = append(p.all, l)
		for _, id := range of.Models {
			if p.byModel[nameOf(id)] != nil {
				panic(fmt.Sprintf("pacing: two limits name the model %q", id))
			}
			p.byModel[nameOf(id)] = l
		}
	}
	return p
}

// With makes a pacer for one client; see [New] for one that is asked for its
// statistics or shared.
func With(limits Limits, policy Policy) func(*bedrockruntime.Options) {
	return New(limits, policy).Option
}

// Option is the option that makes a client of this pacer. It replaces the
// client's retryer and the number of attempts that is set elsewhere.
func (p *Pacer) Option(o *bedrockruntime.Options) {
	o.Retryer, o.RetryMaxAttempts = p.retryer, 0
	o.APIOptions = append(slices.Clip(o.APIOptions), p.wrap)
}

// SetShare changes which part of every limit is used from now on; of 0 nothing is.
func (p *Pacer) SetShare(share float64) { p.SetShareUntil(share, time.Time{}, share) }

// SetShareUntil changes which part of every limit is used until a time, and which
// from then on; see [Limiter.SetShareUntil].
func (p *Pacer) SetShareUntil(share float64, until time.Time, then float64) {
	for _, l := range p.all {
		l.SetShareUntil(share, until, then)
	}
}

// Snapshot tells what has been so far: of each limit in the order they were
// given, then of each other model in the order of their ids.
func (p *Pacer) Snapshot() []Snapshot {
	var out, others []Snapshot
	for _, l := range p.all {
		out = append(out, l.Snapshot())
	}
	for _, l := range p.others.Range {
		others = append(others, l.(*Limiter).Snapshot())
	}
	slices.SortFunc(others, func(a, b Snapshot) int { return strings.Compare(a.Models[0], b.Models[0]) })
	return append(out, others...)
}

func (p *Pacer) limiter(model string) *Limiter {
	if l := p.byModel[model]; l != nil {
		return l
	}
	if l := p.byModel[nameOf(model)]; l != nil {
		return l
	}
	if l, ok := p.others.Load(model); ok {
		return l.(*Limiter)
	}
	l, _ := p.others.LoadOrStore(model, NewLimiter(Limit{Models: []string{model}}, 1, 0))
	return l.(*Limiter)
}

// wrap adds three steps to an operation: one around the call, one around each
// attempt (after the retries, before it is signed, so that no signature grows old
// in a queue), and one next to the wire.
func (p *Pacer) wrap(stack *middleware.Stack) error {
	if err := stack.Initialize.Add(p.around, middleware.After); err != nil {
		return err
	}
	if err := stack.Finalize.Insert(eachAttempt, "Retry", middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Add(eachReply, middleware.After)
}

// call is one call of the caller, with the attempt that is under way. It is used
// by one goroutine at a time until its stream begins.
type call struct {
	pacer         *Pacer
	limiter       *Limiter
	model         string
	operation     string
	input, output int64 // tokens to reserve
	attempts      int
	waited        time.Duration // over all attempts
	delay         time.Duration // before the last retry, of a decorrelated backoff
	reservation   Reservation
	sent          bool
	stream        *stream // of the attempt; nil for a reply in one piece
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := middleware.GetStackValue(ctx, callKey{}).(*call)
	return c
}

type waitedKey struct{}

// Waited is how long a call waited for its turn, over all its attempts, by the
// ResultMetadata of its output.
func Waited(m middleware.Metadata) time.Duration {
	d, _ := m.Get(waitedKey{}).(time.Duration)
	return d
}

func (p *Pacer) begin(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, m middleware.Metadata, err error) {
	c := &call{pacer: p}
	var size ask
	switch q := in.Parameters.(type) {
	case *bedrockruntime.InvokeModelInput:
		c.operation, c.model, size = "InvokeModel", aws.ToString(q.ModelId), bodyAsk(q.Body)
	case *bedrockruntime.InvokeModelWithResponseStreamInput:
		c.operation, c.model, size = "InvokeModelWithResponseStream", aws.ToString(q.ModelId), bodyAsk(q.Body)
	case *bedrockruntime.ConverseInput:
		c.operation, c.model, size = "Converse", aws.ToString(q.ModelId), converseAsk(q.System, q.Messages, q.ToolConfig, q.InferenceConfig)
	case *bedrockruntime.ConverseStreamInput:
		c.operation, c.model, size = "ConverseStream", aws.ToString(q.ModelId), converseAsk(q.System, q.Messages, q.ToolConfig, q.InferenceConfig)
	default:
		return next.HandleInitialize(ctx, in)
	}
	c.limiter = p.limiter(c.model)
	c.input, c.output = p.size(ctx, c.limiter, c.model, size)
	p.retryer.budget.earn()
	c.limiter.count(func(n *counts) { n.calls++ })
	returned := false
	defer func() {
		if !returned { // whoever recovers from a panic goes on calling
			if c.failed(errPanic); c.stream == nil {
				c.count(Final)
			}
		}
	}()
	out, m, err = next.HandleInitialize(middleware.WithStackValue(ctx, callKey{}, c), in)
	returned = true
	if c.waited > 0 {
		m.Set(waitedKey{}, c.waited)
	}
	if c.stream == nil { // a stream is counted when it ends
		c.count(Classify(err))
	}
	return out, m, err
}

var errPanic = errors.New("pacing: the call did not return")

// count counts how a call ended.
func (c *call) count(class Class) {
	c.limiter.count(func(n *counts) {
		switch class {
		case OK:
			n.ok++
		case Cancelled:
			n.cancelled++
			n.failed++
		default:
			n.failed++
		}
	})
}

func attempt(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, m middleware.Metadata, err error) {
	c := callOf(ctx)
	if c == nil {
		return next.HandleFinalize(ctx, in)
	}
	c.attempts++
	c.sent, c.stream = false, nil
	c.reservation.Tokens = c.input + c.output
	err = c.limiter.Acquire(ctx, &c.reservation)
	c.waited += c.reservation.Waited
	if err != nil {
		err = c.named(err)
		c.tell(nil, Classify(err), false, err)
		return out, m, err
	}
	out, m, err = next.HandleFinalize(ctx, in)
	switch {
	case err != nil:
		c.failed(err)
		err = c.pacer.retryer.named(err, c)
	case c.stream == nil:
		c.served(usageOf(out.Result, m))
	}
	return out, m, err
}

// named tells the model in an error of the limiter.
func (c *call) named(err error) error {
	switch e := err.(type) {
	case *WaitError:
		e.Model = c.model
	case *TooLargeError:
		e.Model = c.model
	default:
		return &aws.RequestCanceledError{Err: err}
	}
	return err
}

// served settles a reply. One that tells no usage gives back nothing.
func (c *call) served(u *usage) {
	if u == nil {
		if c.reservation.finish(c.reservation.Tokens, false, true) {
			c.tell(nil, OK, false, nil)
		}
		return
	}
	if used := u.quotaTokens(c.limiter.of.Burndown); c.reservation.finish(used, false, true) {
		c.tell(&used, OK, false, nil)
	}
}

// failed ends a failed attempt by how far it came: unsent, refused by AWS, or
// sent without our knowing what became of it. Of the last, Bedrock has read the
// input at least.
func (c *call) failed(err error) {
	if c.stream != nil && c.stream.forget() {
		c.stream = nil
	}
	class := Classify(err)
	c.reservation.Tell(class)
	var reply *smithyhttp.ResponseError
	status := 0 // of no reply at all
	if errors.As(err, &reply) && reply.Response != nil {
		status = reply.HTTPStatusCode()
	}
	ended := false
	switch {
	case !c.sent:
		ended = c.reservation.finish(0, true, false)
	case status > 0 && status/100 != 2:
		ended = c.reservation.finish(0, false, false)
	default:
		ended = c.reservation.finish(c.input, false, true)
	}
	if ended {
		c.limiter.count(func(n *counts) { n.refused(class) })
		c.tell(nil, class, false, err)
	}
}

func (n *counts) refused(class Class) {
	switch class {
	case Throttle:
		n.throttled++
	case Daily:
		n.throttled++
		n.daily++
	case Capacity:
		n.overloaded++
	}
}

func (c *call) tell(settled *int64, class Class, midStream bool, err error) {
	if c.pacer.limits.Hook == nil {
		return
	}
	c.pacer.limits.Hook(Attempt{
		Model: c.model, Operation: c.operation, Number: c.attempts,
		Waited: c.reservation.Waited, Bound: c.reservation.Bound,
		Reserved: c.reservation.Tokens, Settled: settled, Class: class, MidStream: midStream, Err: err,
	})
}

// reply is next to the wire: what passes it is sent. It puts itself between the
// body of a stream and the SDK, which offers no other place to see its events.
func reply(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, m middleware.Metadata, err error) {
	c := callOf(ctx)
	if c == nil {
		return next.HandleDeserialize(ctx, in)
	}
	c.sent = true
	c.limiter.count(func(n *counts) {
		n.attempts++
		if c.attempts > 1 {
			n.retries++
		}
	})
	out, m, err = next.HandleDeserialize(ctx, in)
	if r, ok := out.RawResponse.(*smithyhttp.Response); ok && err == nil && r.StatusCode/100 == 2 {
		c.reservation.Tell(OK) // it is admitted, whatever becomes of it
		if strings.HasSuffix(c.operation, "Stream") {
			c.stream = newStream(ctx, c, r.Body)
			r.Body = c.stream
		}
	}
	return out, m, err
}

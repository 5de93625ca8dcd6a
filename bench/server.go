package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// round is what the server does and has seen since it was told to begin anew.
type round struct {
	hold                 int           // so many calls are held until all of them are there; 0 holds none
	stallAfter, stallFor time.Duration // after the first call, and for how long, all replies are held

	seen  atomic.Int64
	times []int64 // of arrivals, ns since the server began; as many as it has place for

	mu       sync.Mutex
	first    time.Time
	inFlight int
	peak     int
	full     chan struct{} // closed when hold calls are there
	gone     bool
}

const (
	maxTimes = 4 << 20
	// patience is how long held calls wait for the others.
	patience = 40 * time.Second
	// settle is how long they are then held together, so that memory can be seen.
	settle = 500 * time.Millisecond
)

// server answers calls as Bedrock does, with the same reply every time and at
// once: what is measured is the client. It notes when each call arrived.
type server struct {
	began time.Time
	now   atomic.Pointer[round]
}

// seen is what the server tells of a round.
type seen struct {
	Count    int     `json:"count"`
	Peak     int     `json:"peak"`     // most calls in flight at once
	P50      float64 `json:"p50_ms"`   // lateness, where a rate was named
	P99      float64 `json:"p99_ms"`   //
	Achieved float64 `json:"achieved"` // the rate in parts of the one that was named
	PerS     float64 `json:"per_s"`    // calls a second from the first to the last
	Seconds  float64 `json:"seconds"`  // from the first to the last
}

// serve answers until stdin ends, and first prints where.
func serve(stdin io.Reader, stdout io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, l.Addr())
	s := &server{began: time.Now()}
	s.begin(&round{})
	h := &http.Server{Handler: s} // without timeouts: a connection that is closed as a call begins would fail it
	go h.Serve(l)
	io.Copy(io.Discard, stdin)
	return h.Close()
}

func (s *server) begin(r *round) {
	r.times, r.full = make([]int64, 0, maxTimes)[:maxTimes], make(chan struct{})
	s.now.Store(r)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/control/begin":
		q := r.URL.Query()
		hold, _ := strconv.Atoi(q.Get("hold"))
		after, _ := time.ParseDuration(q.Get("stall_after"))
		length, _ := time.ParseDuration(q.Get("stall_for"))
		s.begin(&round{hold: hold, stallAfter: after, stallFor: length})
	case r.URL.Path == "/control/seen":
		rate, _ := strconv.ParseFloat(r.URL.Query().Get("rate"), 64)
		json.NewEncoder(w).Encode(s.now.Load().tell(rate))
	case strings.HasPrefix(r.URL.Path, "/model/"):
		s.answer(w, r)
	default: // STS, whom a run asks first whose account this is
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, identity)
	}
}

// answer is a call to a model.
func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	round := s.now.Load()
	if i := round.seen.Add(1) - 1; i < maxTimes {
		round.times[i] = int64(at.Sub(s.began))
	}
	stall := round.enter(at)
	defer round.leave()
	io.Copy(io.Discard, r.Body)
	reply, streams := invokeReply, strings.HasSuffix(r.URL.Path, "/converse-stream")
	h := w.Header()
	h["X-Amzn-Requestid"] = []string{"5c0b6a5e-6f3c-4f7b-9d4e-1f6f0c9f7a10"}
	if streams {
		reply = streamReply
		h["Content-Type"] = []string{"application/vnd.amazon.eventstream"}
	} else {
		h["Content-Type"] = []string{"application/json"}
		h["X-Amzn-Bedrock-Input-Token-Count"], h["X-Amzn-Bedrock-Output-Token-Count"] = []string{"14"}, []string{"9"}
	}
	if round.hold > 0 {
		if streams {
			w.Write(reply[:len(reply)/2])
			w.(http.Flusher).Flush()
			reply = reply[len(reply)/2:]
		}
		select {
		case <-round.full:
		case <-time.After(patience):
		}
		time.Sleep(settle)
	}
	time.Sleep(stall)
	w.Write(reply)
}

// enter counts a call in, and says how long it is to be held.
func (r *round) enter(at time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first.IsZero() {
		r.first = at
	}
	r.inFlight++
	r.peak = max(r.peak, r.inFlight)
	if r.hold > 0 && r.inFlight == r.hold && !r.gone {
		r.gone = true
		close(r.full)
	}
	since := at.Sub(r.first)
	if r.stallFor == 0 || since < r.stallAfter || since >= r.stallAfter+r.stallFor {
		return 0
	}
	return r.stallAfter + r.stallFor - since
}

func (r *round) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inFlight--
}

// tell reads a round when its calls are over. Lateness is the time of the nth
// arrival beyond n intervals; where the schedule begins is not known, and taken
// to be where one call in a hundred is early.
func (r *round) tell(rate float64) seen {
	n := int(min(r.seen.Load(), maxTimes))
	times := slices.Sorted(slices.Values(r.times[:n]))
	r.mu.Lock()
	out := seen{Count: int(r.seen.Load()), Peak: r.peak}
	r.mu.Unlock()
	if n < 2 {
		return out
	}
	out.Seconds = float64(times[n-1]-times[0]) / 1e9
	out.PerS = float64(n-1) / out.Seconds
	if rate > 0 {
		late := make([]float64, n)
		for i, t := range times {
			late[i] = float64(t-times[0])/1e6 - 1000*float64(i)/rate
		}
		slices.SortFunc(late, cmp.Compare)
		out.P50, out.P99 = late[n/2]-late[n/100], late[n*99/100]-late[n/100]
		out.Achieved = out.PerS / rate
	}
	return out
}

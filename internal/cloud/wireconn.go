package cloud

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// conn is a connection of a [wire]. One call at a time uses it.
type conn struct {
	net.Conn
	host  *host
	in    *bufio.Reader
	limit int64     // bytes that may still come before the head of a reply ends
	since time.Time // when it was used last, where that counts

	// raw is the connection without TLS; nil where it cannot be looked at, and is
	// then used once.
	raw   syscall.RawConn
	look  func(fd uintptr) bool // sets still
	still bool
	stop  func() // ends every wait
}

func newConn(h *host, c, plain net.Conn) *conn {
	out := &conn{Conn: c, host: h}
	out.in = bufio.NewReaderSize(out, connectionBuffer)
	if s, ok := plain.(syscall.Conn); ok {
		out.raw, _ = s.SyscallConn()
	}
	out.look = func(fd uintptr) bool {
		out.still = silent(fd)
		return true
	}
	out.stop = func() { out.SetDeadline(time.Unix(1, 0)) } // fails only where it is closed
	return out
}

// quiet tells whether the server has neither closed a connection that is not
// used nor said anything over it.
func (c *conn) quiet() bool {
	c.still = false
	return c.raw != nil && c.raw.Read(c.look) == nil && c.still
}

// Read reads for the buffer, and bounds the head of a reply.
func (c *conn) Read(p []byte) (int, error) {
	if c.limit <= 0 {
		return 0, errHead
	}
	if int64(len(p)) > c.limit {
		p = p[:c.limit]
	}
	n, err := c.Conn.Read(p)
	c.limit -= int64(n)
	return n, err
}

var errHead = errors.New("the head of the reply is too long")

// exchange sends a request and reads the head of its reply. What can be used
// once more goes back to its host as the body of the reply ends; all else is
// closed. With an error, sent tells whether anything of the request was written.
func (c *conn) exchange(r *http.Request, q *letter) (reply *http.Response, sent bool, err error) {
	ctx := r.Context()
	stop := context.AfterFunc(ctx, c.stop)
	n, err := c.Conn.Write(q.text)
	if err == nil {
		reply, err = c.reply(r)
	}
	if err != nil {
		stop()
		c.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, n > 0, err
	}
	b := &replyBody{from: reply.Body, conn: c, ctx: ctx, stop: stop, last: reply.Close || reply.StatusCode <= 199}
	if reply.Body == http.NoBody {
		b.end(true)
		return reply, true, nil
	}
	reply.Body = b
	if q.zips && strings.EqualFold(reply.Header.Get("Content-Encoding"), "gzip") {
		reply.Body = &unzipped{body: b}
		reply.Header.Del("Content-Encoding")
		reply.Header.Del("Content-Length")
		reply.ContentLength, reply.Uncompressed = -1, true
	}
	return reply, true, nil
}

// reply reads the head of a reply, and passes over those that only announce one.
func (c *conn) reply(r *http.Request) (*http.Response, error) {
	c.limit = c.host.wire.head
	if _, err := c.in.Peek(1); err != nil {
		return nil, err
	}
	for {
		reply, err := http.ReadResponse(c.in, r)
		if err != nil {
			if c.limit <= 0 {
				err = fmt.Errorf("%w: it has more than %d bytes", errHead, c.host.wire.head)
			}
			return nil, err
		}
		if reply.StatusCode/100 != 1 || reply.StatusCode == http.StatusSwitchingProtocols {
			c.limit = 1<<63 - 1
			return reply, nil
		}
	}
}

// replyBody ends the use of a connection with the body of a reply.
type replyBody struct {
	from io.Reader
	conn *conn
	ctx  context.Context // of the request
	stop func() bool
	last bool // the connection is not used again
	done error
}

var errClosed = errors.New("the reply was closed")

func (b *replyBody) Read(p []byte) (int, error) {
	if b.done != nil {
		return 0, b.done
	}
	n, err := b.from.Read(p)
	if err != nil {
		b.done = err
		b.end(err == io.EOF)
		if err != io.EOF && b.ctx.Err() != nil {
			b.done = context.Cause(b.ctx)
		}
	}
	return n, b.done
}

// Close ends a reply: what is left of it is not waited for.
func (b *replyBody) Close() error {
	if b.done == nil {
		b.done = errClosed
		b.end(false)
	}
	return nil
}

// end hands the connection on, or closes it.
func (b *replyBody) end(whole bool) {
	c := b.conn
	if b.stop() && whole && !b.last && c.raw != nil && c.in.Buffered() == 0 {
		c.host.keep(c)
		return
	}
	c.Close()
}

// unzipped is a body that the server compressed because net/http offers it, and
// therefore so do we.
type unzipped struct {
	body *replyBody
	from *gzip.Reader
	err  error
}

func (z *unzipped) Read(p []byte) (int, error) {
	if z.from == nil && z.err == nil {
		z.from, z.err = gzip.NewReader(z.body)
	}
	if z.err != nil {
		return 0, z.err
	}
	return z.from.Read(p)
}

func (z *unzipped) Close() error { return z.body.Close() }

package ramp

import (
	"context"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// spin is a wait that is not worth a sleep: waking up takes longer.
const spin = 10 * time.Microsecond

// Not in package syscall; from linux/timerfd.h.
const (
	clockMonotonic = 1
	timerNonblock  = syscall.O_NONBLOCK
	timerCloexec   = syscall.O_CLOEXEC
)

// alarm is a timerfd. The poller of Go waits for it as for a socket, and is
// woken by the kernel when it goes off: no thread is held meanwhile, as with
// nanosleep, and the slack that the kernel gives to sleeping threads is not
// added. See BenchmarkLateness.
type alarm struct {
	file *os.File
	conn syscall.RawConn
	stop func() bool

	spec  struct{ interval, value syscall.Timespec }
	errno syscall.Errno
	arm   func(fd uintptr) // sets the alarm to spec; one for all waits
}

// newFine makes an alarm; nil where the system gives none.
func newFine(ctx context.Context) fine {
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, clockMonotonic, timerNonblock|timerCloexec, 0)
	if errno != 0 {
		return nil
	}
	file := os.NewFile(fd, "timerfd")
	conn, err := file.SyscallConn()
	if err != nil || file.SetReadDeadline(time.Time{}) != nil {
		file.Close() // the poller does not take it
		return nil
	}
	wake := func() { file.SetReadDeadline(time.Unix(1, 0)) } // fails only where it is closed, and then nobody reads
	a := &alarm{file: file, conn: conn, stop: context.AfterFunc(ctx, wake)}
	a.arm = func(fd uintptr) {
		_, _, a.errno = syscall.Syscall6(syscall.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&a.spec)), 0, 0, 0)
	}
	return a
}

func (a *alarm) close() {
	a.stop()
	a.file.Close()
}

// until waits; where the alarm cannot be set, by a timer of Go.
func (a *alarm) until(t time.Time) {
	for {
		d := time.Until(t)
		if d <= 0 {
			return
		}
		if d < spin {
			continue
		}
		var ticks [8]byte
		if a.set(d) != 0 {
			time.Sleep(d)
			return
		}
		if _, err := a.file.Read(ticks[:]); err != nil {
			return // the context is done
		}
	}
}

func (a *alarm) set(d time.Duration) syscall.Errno {
	a.spec.value = syscall.NsecToTimespec(int64(d))
	if err := a.conn.Control(a.arm); err != nil {
		return syscall.EBADF
	}
	return a.errno
}

//go:build unix

package cloud

import "syscall"

// canLook: on this system one can tell whether a server has closed a connection
// without waiting for it.
const canLook = true

// silent tells whether there is nothing to read from a connection, not even its
// end. What there is, is lost: the connection is not used any more then.
func silent(fd uintptr) bool {
	var b [1]byte
	n, err := syscall.Read(int(fd), b[:])
	return n < 0 && (err == syscall.EAGAIN || err == syscall.EWOULDBLOCK)
}

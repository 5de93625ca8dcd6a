package sim

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
)

// A page token is base64, opaque to clients: "position:checksum". The checksum
// is also that of the scope, which names the operation and what narrows it; a
// token of another list, or one made up, does not open.

// pageToken returns the token for a position in a list.
func pageToken(scope string, position int64) string {
	sum := crc32.ChecksumIEEE(fmt.Appendf(nil, "loadline %s %d", scope, position))
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d:%08x", position, sum))
}

// openToken returns the position of a token; "" opens at 0.
func openToken(scope, token string) (position int64, ok bool) {
	if token == "" {
		return 0, true
	}
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	if _, err := fmt.Sscanf(string(raw), "%d:", &position); err != nil || position < 0 {
		return 0, false
	}
	return position, token == pageToken(scope, position)
}

// page cuts a list: at most size items from where the token says, and the token
// of the next page, "" on the last.
func page[T any](all []T, size int, scope, token string) (items []T, next string, ok bool) {
	from, ok := openToken(scope, token)
	if !ok || from > int64(len(all)) {
		return nil, "", false
	}
	items = all[from:]
	if len(items) > size {
		items = items[:size]
		next = pageToken(scope, from+int64(size))
	}
	return items, next, true
}

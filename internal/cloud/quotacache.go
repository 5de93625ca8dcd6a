package cloud

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/loadline-dev/loadline/internal/keep"
	"github.com/loadline-dev/loadline/plugins"
)

// The whole list of quotas takes half a minute on AWS, and names and codes
// change about as often as models come: so the list is kept for a day.
const (
	cacheVersion = 1
	cacheAge     = 24 * time.Hour
	cacheSkew    = 5 * time.Minute // how far ahead the clock of another machine may be
	maxCache     = 16 << 20        // bytes; a list of 1,100 quotas has 200 KB
)

// quotaFile is the file of the quotas of one account in one Region.
type quotaFile struct {
	Version  int             `json:"version"`
	Account  string          `json:"account"`
	Region   string          `json:"region"`
	Endpoint string          `json:"endpoint,omitempty"` // where it is not that of AWS
	Read     time.Time       `json:"read"`
	Quotas   []plugins.Quota `json:"quotas"`
}

// Quotas lists the quotas, from a file of the last day or else from AWS. What
// is wrong with the file is a note, never an error: it can be read anew.
func (c *Cloud) Quotas(ctx context.Context, fresh bool) (plugins.QuotaList, error) {
	if c.cache == "" {
		return c.list(ctx)
	}
	who, err := c.Identity(ctx)
	if err != nil {
		return plugins.QuotaList{}, err
	}
	want := quotaFile{Version: cacheVersion, Account: who.Account, Region: c.region, Endpoint: c.endpoint}
	file := filepath.Join(c.cache, want.name())
	var notes []string
	if !fresh && !c.fresh {
		rows, age, note := readCache(file, want, time.Now())
		if rows != nil {
			return plugins.QuotaList{Rows: rows, Age: age}, nil
		}
		if note != "" {
			notes = append(notes, note)
		}
	}
	out, err := c.list(ctx)
	if err != nil {
		return out, err
	}
	if len(out.Notes) == 0 { // half a list is not worth keeping for a day
		want.Read, want.Quotas = time.Now().UTC(), out.Rows
		if err := keep.JSON(file, want); err != nil {
			notes = append(notes, fmt.Sprintf("the quotas were not kept for next time: %v", err))
		}
	}
	out.Notes = append(notes, out.Notes...)
	return out, nil
}

// name keeps the files of accounts, Regions and endpoints apart. Only what is
// safe in the name of a file stands in it.
func (c *quotaFile) name() string {
	name := "quotas-" + plain(c.Account) + "-" + plain(c.Region)
	if c.Endpoint != "" {
		sum := sha256.Sum256([]byte(c.Endpoint))
		name += "-" + hex.EncodeToString(sum[:4])
	}
	return name + ".json"
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '-' {
			return r
		}
		return '_'
	}, s)
}

// readCache returns the rows of a file and their age; nil rows where there is no
// file that fits, with a note where one is broken. now is the present.
func readCache(file string, want quotaFile, now time.Time) (rows []plugins.Quota, age time.Duration, note string) {
	broken := func(why string) ([]plugins.Quota, time.Duration, string) {
		return nil, 0, fmt.Sprintf("%s is not used: %s; it is written anew", file, why)
	}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, ""
	}
	if err != nil {
		return broken(reason(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxCache))
	if err != nil {
		return broken(reason(err))
	}
	var got quotaFile
	if err := json.Unmarshal(b, &got); err != nil {
		return broken("it cannot be read as a list of quotas")
	}
	age = now.Sub(got.Read)
	switch {
	case got.Version != want.Version:
		return broken(fmt.Sprintf("it has version %d, and this program reads version %d", got.Version, want.Version))
	case got.Account != want.Account || got.Region != want.Region || got.Endpoint != want.Endpoint:
		return broken("it is of another account, Region or endpoint")
	case age < -cacheSkew:
		return broken("it is from the future (" + got.Read.Format(time.RFC3339) + ")")
	case len(got.Quotas) == 0:
		return broken("it has no quotas")
	case age > cacheAge:
		return nil, 0, ""
	}
	// An age of 0 would say that the values are new.
	return got.Quotas, max(age, time.Nanosecond), ""
}

// reason leaves the system call and the path out of an error.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

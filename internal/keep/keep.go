// Package keep writes the files that outlive the program: what was read from
// AWS and is worth reading again.
package keep

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// JSON replaces a file as a whole by a value in JSON, and makes its folder where
// there is none. Only its owner may read it.
func JSON(file string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".keep-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already where all went well
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

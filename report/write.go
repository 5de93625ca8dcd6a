package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
)

// Write puts files into the run folder, in order. Each is written to a
// temporary name beside its place, synced and renamed, so a reader sees the
// old file, the new one or none. What a symbolic link at a file's place points
// to is not touched: the link is replaced. A folder that is a link leading out
// of the root is an error. Write stops at the first error, which names the
// file, and leaves no temporary file behind.
func Write(root *os.Root, files []File) error {
	for _, f := range files {
		if err := writeFile(root, f); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	return nil
}

func writeFile(root *os.Root, f File) error {
	return replaceFile(root, f.Path, func(w io.Writer) error {
		_, err := w.Write(f.Data)
		return err
	})
}

// replaceFile puts what write writes at a path.
func replaceFile(root *os.Root, at string, write func(io.Writer) error) error {
	dir, name := path.Split(at)
	if dir != "" {
		if err := root.MkdirAll(path.Clean(dir), 0o755); err != nil {
			return err
		}
	}
	temporary := dir + "." + name + ".tmp"
	if err := fill(root, temporary, write); err != nil {
		return errors.Join(err, discard(root, temporary))
	}
	if err := root.Rename(temporary, at); err != nil {
		return errors.Join(err, discard(root, temporary))
	}
	return syncFolder(root, path.Clean(dir))
}

// fill makes the temporary file anew: one that is there was left by a run that
// died, or is a link that somebody put there.
func fill(root *os.Root, name string, write func(io.Writer) error) error {
	if err := discard(root, name); err != nil {
		return err
	}
	w, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return errors.Join(err, w.Close())
	}
	if err := w.Sync(); err != nil {
		return errors.Join(err, w.Close())
	}
	return w.Close()
}

// syncFolder makes the rename last through a crash. Some file systems cannot
// sync a folder; the file itself is safe there.
func syncFolder(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, fs.ErrPermission) {
		return errors.Join(err, d.Close())
	}
	return d.Close()
}

func discard(root *os.Root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

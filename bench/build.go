package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The versions that the comparison was made with.
var peers = []struct{ name, module, version string }{
	{"k6", "go.k6.io/k6", "v1.8.1"},
	{"fortio", "fortio.org/fortio", "v1.63.7"},
	{"hey", "github.com/rakyll/hey", "v0.1.4"},
}

const artilleryVersion = "2.0.21"

// peer is the path of a peer's program, with its version in it.
func (b *bench) peer(name string) string {
	for _, p := range peers {
		if p.name == name {
			return filepath.Join(b.cache, p.name+"-"+p.version, p.name)
		}
	}
	panic("no peer " + name)
}

func (b *bench) artilleryProgram() string {
	return filepath.Join(b.cache, "artillery-"+artilleryVersion, "node_modules", ".bin", "artillery")
}

// build makes our own programs anew, and those of the peers that the parts need
// and that are not there yet, by the Go toolchain and npm as they are set up. A
// peer that cannot be had is told and left out.
func (b *bench) build(needed map[string]bool) error {
	for out, pkg := range map[string]string{b.tool: ".", b.loop: "./bench/sdkloop"} {
		if err := b.command(nil, "go", "build", "-o", out, pkg); err != nil {
			return err
		}
	}
	for _, p := range peers {
		if !needed[p.name] {
			continue
		}
		at := b.peer(p.name)
		if _, err := os.Stat(at); err != nil {
			b.log("building %s %s", p.name, p.version)
			if err := b.command([]string{"GOBIN=" + filepath.Dir(at), "GOFLAGS="}, "go", "install", p.module+"@"+p.version); err != nil {
				b.log("without %s: %v", p.name, err)
				continue
			}
		}
		b.have[p.name] = true
	}
	if needed["artillery"] {
		if _, err := os.Stat(b.artilleryProgram()); err != nil {
			b.log("installing artillery %s", artilleryVersion)
			err := b.command(nil, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", filepath.Join(b.cache, "artillery-"+artilleryVersion), "artillery@"+artilleryVersion)
			if err != nil {
				b.log("without artillery: %v", err)
			}
		}
		_, err := os.Stat(b.artilleryProgram())
		b.have["artillery"] = err == nil
	}
	b.have["boto3"] = needed["boto3"] && b.command(nil, "python3", "-c", "import boto3") == nil
	b.have["vegeta"] = b.vegeta != ""
	return nil
}

func (b *bench) command(env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %.1000s", name, err, out)
	}
	return nil
}

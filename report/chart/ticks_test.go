package chart

import (
	"strings"
	"testing"
	"time"
)

func TestValueTicks(t *testing.T) {
	for _, c := range []struct {
		top   float64
		whole bool
		want  string
	}{
		{0, true, "0 1"},
		{1e-10, true, "0 1"}, // not a step of its own: an axis has a length
		{1, true, "0 1"},
		{3, true, "0 1 2 3"},
		{0.00042, false, "0 0.0002 0.0004 0.0006"},
		{1, false, "0 0.5 1"},
		{7, true, "0 2 4 6 8"},
		{100, true, "0 50 100"},
		{1999, true, "0 500 1,000 1,500 2,000"},
		{250_000, true, "0 100,000 200,000 300,000"},
		{2_500_000, true, "0 1M 2M 3M"},
		{1_700_000, true, "0 0.5M 1M 1.5M 2M"},
		{4e9, true, "0 1G 2G 3G 4G"},
	} {
		var got []string
		for _, tick := range valueTicks(c.top, c.whole, false) {
			got = append(got, tick.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("valueTicks(%v, %v) = %s; want %s", c.top, c.whole, s, c.want)
		}
	}
}

func TestTimeTicks(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	for _, c := range []struct {
		start  time.Time
		length time.Duration
		want   string
	}{
		{time.Date(2026, 11, 22, 4, 5, 6, 0, time.UTC), 10 * time.Minute, "04:06 04:07 04:08 04:09 04:10 04:11 04:12 04:13 04:14 "},
		{time.Date(2026, 11, 22, 0, 30, 0, 0, berlin), time.Hour, "23:30 23:35 23:40 23:45 23:50 23:55 Nov 22 00:05 00:10 00:15 00:20 00:25 "},
		{time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC), 24 * time.Hour, "04:00 06:00 08:00 10:00 12:00 14:00 16:00 18:00 20:00 22:00 Nov 22 02:00 "},
		{time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC), 14 * 24 * time.Hour, "Nov 3 Nov 5 Nov 7 Nov 9 Nov 11 Nov 13 "},
		{time.Date(2026, 11, 22, 4, 5, 6, 100, time.UTC), 500 * time.Millisecond, ""},
	} {
		var got []string
		for _, tick := range timeTicks(c.start, c.start.Add(c.length), nil, plotRight-plotLeft, false) {
			got = append(got, tick.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("timeTicks(%s, %s) = %q; want %q", c.start, c.length, s, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		room float64
		want string
	}{
		{"hold", 100, "hold"},
		{"a stage with a name", 60, "a stage wit…"},
		{"hold", 10, ""},
		{"two\nlines", 100, "two lines"},
	} {
		if got := cut(c.text, 10, c.room); got != c.want {
			t.Errorf("cut(%q, %v) = %q; want %q", c.text, c.room, got, c.want)
		}
	}
}

func TestDarkCSSKnowsEveryColor(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Palette {
		if seen[c.Light] {
			t.Errorf("%s is in the palette twice", c.Light)
		}
		seen[c.Light] = true
	}
	css := DarkCSS(".chart")
	for name, f := range forms() {
		svg := string(draw(t, f))
		for _, attribute := range []string{`fill="#`, `stroke="#`} {
			for _, rest := range strings.Split(svg, attribute)[1:] {
				if color := "#" + rest[:6]; !strings.Contains(css, color) {
					t.Errorf("%s: no dark form of %s", name, color)
				}
			}
		}
	}
}

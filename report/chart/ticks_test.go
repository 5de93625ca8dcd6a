package chart

import (
	"math"
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
		{time.Date(2019, 11, 1, 4, 0, 0, 0, time.UTC), 30 * year, "2020 2025 2030 2035 2040 2045"},
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

// The clocks of a zone are what is round, also where they change.
func TestTimeTicksOfZones(t *testing.T) {
	for _, c := range []struct {
		zone, start string
		length      time.Duration
		want        string
	}{
		{"Europe/Berlin", "2026-10-24T22:00:00Z", 24 * time.Hour, "@0s 02:00@2h 04:00@5h 06:00@7h 08:00@9h 10:00@11h 12:00@13h 14:00@15h 16:00@17h 18:00@19h 20:00@21h 22:00@23h"},
		{"Europe/Berlin", "2026-03-28T23:00:00Z", 6 * time.Hour, "@0s 00:30@30m 01:00@1h 01:30@1h30m 03:00@2h 03:30@2h30m 04:00@3h 04:30@3h30m 05:00@4h 05:30@4h30m 06:00@5h 06:30@5h30m @6h"},
		{"Europe/Berlin", "2026-10-25T00:00:00Z", 3 * time.Hour, "02:00@0s 02:15@15m 02:30@30m 02:45@45m 02:00@1h 02:15@1h15m 02:30@1h30m 02:45@1h45m 03:00@2h 03:15@2h15m 03:30@2h30m 03:45@2h45m @3h"},
		{"Europe/Berlin", "2026-10-18T10:00:00Z", 14 * 24 * time.Hour, "Oct 20@36h Oct 22@84h Oct 24@132h Oct 26@181h Oct 28@229h Oct 30@277h Nov 1@325h"},
		{"Asia/Kathmandu", "2026-11-22T00:10:00Z", 24 * time.Hour, "06:00@5m 08:00@2h5m 10:00@4h5m 12:00@6h5m 14:00@8h5m 16:00@10h5m 18:00@12h5m 20:00@14h5m 22:00@16h5m Nov 23@18h5m 02:00@20h5m 04:00@22h5m"},
		{"America/Havana", "2026-03-08T03:00:00Z", 8 * time.Hour, "22:00@0s 23:00@1h 01:00@2h 02:00@3h 03:00@4h 04:00@5h 05:00@6h 06:00@7h @8h"}, // a day without midnight
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		start, err := time.Parse(time.RFC3339, c.start)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, tick := range timeTicks(start, start.Add(c.length), zone, plotRight-plotLeft, false) {
			after := strings.NewReplacer("h0m0s", "h", "m0s", "m").Replace((time.Duration(tick.Value) * time.Second).String())
			got = append(got, tick.Label+"@"+after)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s from %s: %q; want %q", c.zone, c.start, s, c.want)
		}
	}
}

func TestTimeName(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		zone *time.Location
		end  time.Time
		want string
	}{
		{nil, from.Add(2 * time.Hour), "time (UTC) on 2026-10-24"},
		{nil, from.Add(3 * time.Hour), "time (UTC), 2026-10-24 to 2026-10-25"},
		{berlin, from.Add(2 * time.Hour), "time (Europe/Berlin, CEST) on 2026-10-25"},
		{berlin, from.Add(25 * time.Hour), "time (Europe/Berlin, CEST, then CET) on 2026-10-25"},
	} {
		if got := timeName(from, c.end, c.zone); got != c.want {
			t.Errorf("to %s: %q; want %q", c.end, got, c.want)
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

// The numbers on the columns of kinds are read in the light and in the dark form.
func TestNumbersOnKindsAreRead(t *testing.T) {
	luminance := func(color string) float64 {
		sum, c := 0.0, rgb(color)
		for i, v := range []uint8{c.R, c.G, c.B} {
			part := float64(v) / 255
			if part <= 0.04045 {
				part /= 12.92
			} else {
				part = math.Pow((part+0.055)/1.055, 2.4)
			}
			sum += part * []float64{0.2126, 0.7152, 0.0722}[i]
		}
		return sum
	}
	contrast := func(a, b string) float64 {
		x, y := luminance(a), luminance(b)
		return (max(x, y) + 0.05) / (min(x, y) + 0.05)
	}
	for _, c := range kindColors {
		if light, dark := contrast(c.Light, Palette[0].Light), contrast(c.Dark, Palette[0].Dark); light < 4.5 || dark < 4.5 {
			t.Errorf("%+v: %.1f and %.1f against the paper; want at least 4.5", c, light, dark)
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

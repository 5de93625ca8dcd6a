package scenarios

import (
	"testing"
	"time"
)

func TestInstants(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-11-20":                "2026-11-19T23:00:00Z",
		"2026-07-20":                "2026-07-19T22:00:00Z", // summer time
		"2026-11-20T08:00":          "2026-11-20T07:00:00Z",
		"2026-11-20 08:00:30":       "2026-11-20T07:00:30Z",
		"2026-11-20T08:00Z":         "2026-11-20T08:00:00Z",
		"2026-11-20T08:00:00Z":      "2026-11-20T08:00:00Z",
		"2026-11-20 08:00:00-05:00": "2026-11-20T13:00:00Z",
		"2024-02-29":                "2024-02-28T23:00:00Z",
	} {
		n, problems := readText(text, Key{Name: "from", Type: Instant()})
		if len(problems) > 0 || n.Time(berlin).UTC().Format(time.RFC3339) != want {
			t.Errorf("%s is %s, %v; want %s", text, n.Time(berlin).UTC(), problems, want)
		}
	}
	for text, code := range map[string]string{
		"yesterday": "bad-time", "20.11.2026": "bad-time", "2026-11": "bad-time", "1763625600": "bad-time", "2026-11-20T08": "bad-time", "2026-11-20T08:00 UTC": "bad-time",
		"2026-02-30": "quantity-range", "2026-13-01": "quantity-range", "2026-11-20T25:00": "quantity-range", "2026-11-20T08:00:61Z": "quantity-range",
	} {
		if _, problems := readText(text, Key{Name: "from", Type: Instant()}); len(problems) != 1 || problems[0].Code != code || problems[0].Hint == "" {
			t.Errorf("%s: %v; want one problem %s with a way out", text, problems, code)
		}
	}
}

func TestZones(t *testing.T) {
	for _, text := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} {
		n, problems := readText(text, Key{Name: "zone", Type: Zone()})
		if len(problems) > 0 || n.Location().String() != text {
			t.Errorf("%s is %v, %v", text, n.Location(), problems)
		}
	}
	for _, text := range []string{"Local", "Berlin", "+02:00", "Europe/../Berlin", "/etc/localtime", "Europe/Berlin/", "PST8"} {
		if _, problems := readText(text, Key{Name: "zone", Type: Zone()}); len(problems) != 1 || problems[0].Code != "bad-zone" || problems[0].Hint == "" {
			t.Errorf("%s: %v; want the problem bad-zone with a way out", text, problems)
		}
	}
	if in := (*Node)(nil).Location(); in != time.UTC {
		t.Errorf("no zone is %s; want UTC", in)
	}
}

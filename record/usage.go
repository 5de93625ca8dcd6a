package record

import "time"

// ModelUsage is what a monitor step found of one model beside its numbers: where they
// come from, and when things were.
type ModelUsage struct {
	Model string `json:"model"`
	// Parts are the series of CloudWatch that were added up: all that take from
	// the model's quotas.
	Parts []Part `json:"parts"`
	// PeakRPM, PeakTPM and PeakQuotaTPM are the periods of the peaks; nil without a
	// point.
	PeakRPM      *time.Time `json:"peak_rpm_at,omitempty"`
	PeakTPM      *time.Time `json:"peak_tpm_at,omitempty"`
	PeakQuotaTPM *time.Time `json:"peak_quota_tpm_at,omitempty"`
	// Throttled is the longest run of periods with throttles; nil without one.
	Throttled *Span `json:"longest_throttled,omitempty"`
	// Busiest is the hour of the week with the most attempts; nil where the window
	// is shorter than a week.
	Busiest *WeekHour `json:"busiest_hour,omitempty"`
	// Samples is how many observations each known number of the model rests on:
	// periods of the window, of throttle_rate attempts, of growth and days_to_quota
	// days, of busiest_hour_rpm hours.
	Samples map[string]int `json:"samples,omitempty"`
}

// Part is one of the series behind a usage.
type Part struct {
	// ID is the ModelId dimension, and Tier the service tier; "" for the series
	// of all tiers.
	ID   string `json:"id"`
	Tier string `json:"tier,omitempty"`
	Kind string `json:"kind"` // model, profile, application-profile, optimized, tier
	// Attempts of the window; nil where CloudWatch told of none.
	Attempts *float64 `json:"attempts"`
}

// Span is a stretch of time, from Start to before End.
type Span struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// WeekHour is an hour of the week in the zone of the window.
type WeekHour struct {
	Weekday string `json:"weekday"` // Monday
	Hour    int    `json:"hour"`    // 0 to 23
}

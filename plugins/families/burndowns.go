package families

import "time"

// burndowns tells how many quota tokens an output token takes, from a day on.
// AWS has changed the rates several times, so they are dated facts and a
// scenario can override them. The first row that matches the model and has
// begun holds: of two rows for the same models the newer stands first.
//
// Source: "Token burndown" in the Amazon Bedrock user guide as of each day.
// The page of autumn 2026 speaks of all Anthropic models "version 4.7 and
// below", which takes in Claude 3 and 3.5; older pages count those once. That
// is uncertain, and the higher rate is the safer one for a worst case. Claude
// 5.5 models that the page does not name count like the rest of their line.
var burndowns = []struct {
	match string
	rate  float64
	from  time.Time
}{
	{"anthropic.claude-opus-4-8", 15, autumn2026}, // "Claude models version 4.8"
	{"anthropic.claude-sonnet-4-8", 15, autumn2026},
	{"anthropic.claude-haiku-4-8", 15, autumn2026},
	{"anthropic.claude-opus-5", 10, autumn2026}, // 5 and 5.5
	{"anthropic.claude-sonnet-5", 10, autumn2026},
	{"anthropic.claude-fable-5", 10, autumn2026},
	{"openai.gpt-5.6", 10, autumn2026},
	{"anthropic.claude-3-7", 5, autumn2025},
	{"anthropic.claude-3", 5, autumn2026},
	{"anthropic.claude-3", 1, always},
	{"anthropic.claude-v", 5, autumn2026},
	{"anthropic.claude-v", 1, always},
	{"anthropic.claude-instant", 5, autumn2026},
	{"anthropic.claude-instant", 1, always},
	{"anthropic.", 5, spring2025}, // Claude 4 to 4.7, from their first day on
}

// The days from which the rates hold, as near as the pages' dates tell.
var (
	always     = time.Time{}
	spring2025 = time.Date(2025, time.May, 22, 0, 0, 0, 0, time.UTC)
	autumn2025 = time.Date(2025, time.October, 1, 0, 0, 0, 0, time.UTC)
	autumn2026 = time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)
)

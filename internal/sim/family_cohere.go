package sim

// Cohere: the text completions of Command, and the chat of Command R. User guide;
// reports show unknown keys refused.

var commandForm = bodyForm{strict: true, keys: []key{
	need("prompt", text), maxTokens("max_tokens", 4096), may("temperature", number).within(0, 5), may("p", number).within(0, 1),
	may("k", number).within(0, 500), may("stop_sequences", list).ofTexts().within(0, 4), may("stream", boolean),
	may("return_likelihoods", text).among("GENERATION", "ALL", "NONE"), may("num_generations", whole).within(1, 5),
	may("logit_bias", dict), may("truncate", text).among("NONE", "START", "END"),
}}

// readCommand keeps the prompt, which the reply shows.
func readCommand(a *ask, b body) *fault {
	a.add(b.text("prompt"))
	a.wanted = &wanted{texts: []string{b.text("prompt")}}
	return nil
}

// replyCommand has one generation, whatever num_generations asks for.
func replyCommand(_ *model, a *answer) any {
	type generation struct {
		ID     string `json:"id"`
		Text   string `json:"text"`
		Reason string `json:"finish_reason"`
	}
	return struct {
		ID          string       `json:"id"`
		Generations []generation `json:"generations"`
		Prompt      string       `json:"prompt"`
	}{a.id, []generation{{a.id, a.text(), cohereReason(a)}}, a.wanted.texts[0]}
}

// cohereReason is in capitals, as the services of Cohere have it; the page of
// Command R writes the same words small.
func cohereReason(a *answer) string { return stop(a, "COMPLETE", "MAX_TOKENS") }

// streamCommand: the members of a piece are those of a generation, and whether it
// is the last.
func streamCommand(_ *model, a *answer) script {
	type piece struct {
		Text     string `json:"text"`
		Finished bool   `json:"is_finished"`
		Reason   string `json:"finish_reason,omitempty"`
	}
	return script{
		delta: func(text string, _ int64) streamEvent { return streamEvent{body: piece{Text: text}} },
		close: []streamEvent{{body: piece{"", true, cohereReason(a)}}},
	}
}

var commandRForm = bodyForm{strict: true, keys: []key{
	need("message", text), maxTokens("max_tokens", anyNumber),
	may("chat_history", list).of(need("role", text).among("USER", "CHATBOT", "SYSTEM", "TOOL"), may("message", text), may("tool_calls", list), may("tool_results", list)),
	may("documents", list), may("search_queries_only", boolean), may("preamble", text), may("temperature", number).within(0, 1),
	may("p", number).within(0.01, 0.99), may("k", number).within(0, 500), may("prompt_truncation", text).among("OFF", "AUTO_PRESERVE_ORDER"),
	may("frequency_penalty", number).within(0, 1), may("presence_penalty", number).within(0, 1), may("seed", whole), may("return_prompt", boolean),
	may("tools", list), may("tool_results", list), may("stop_sequences", list).ofTexts(), may("raw_prompting", boolean),
}}

func readCommandR(a *ask, b body) *fault {
	a.add(b.text("message"))
	a.add(b.text("preamble"))
	for _, turn := range b.objects("chat_history") {
		a.add(turn.text("message"))
	}
	for _, document := range b.objects("documents") {
		for name := range document {
			a.add(document.text(name))
		}
	}
	return nil
}

type commandRReply struct {
	ResponseID   string       `json:"response_id"`
	Text         string       `json:"text"`
	GenerationID string       `json:"generation_id"`
	Reason       string       `json:"finish_reason"`
	Meta         *commandMeta `json:"meta,omitempty"` // in streams only, the user guide says
}

type commandMeta struct {
	API struct {
		Version string `json:"version"`
	} `json:"api_version"`
	Billed struct {
		Input  int64 `json:"input_tokens"`
		Output int64 `json:"output_tokens"`
	} `json:"billed_units"`
}

func commandR(a *answer) commandRReply {
	return commandRReply{ResponseID: a.id, Text: a.text(), GenerationID: a.id, Reason: cohereReason(a)}
}

func replyCommandR(_ *model, a *answer) any { return commandR(a) }

// streamCommandR has the events of Cohere's own chat.
func streamCommandR(_ *model, a *answer) script {
	type event struct {
		Finished     bool           `json:"is_finished"`
		Type         string         `json:"event_type"`
		GenerationID string         `json:"generation_id,omitempty"`
		Text         *string        `json:"text,omitempty"`
		Reason       string         `json:"finish_reason,omitempty"`
		Response     *commandRReply `json:"response,omitempty"`
	}
	whole := commandR(a)
	whole.Meta = &commandMeta{}
	whole.Meta.API.Version = "1"
	whole.Meta.Billed.Input, whole.Meta.Billed.Output = a.inputTokens, a.outputTokens
	return script{
		open: []streamEvent{{body: event{Type: "stream-start", GenerationID: a.id}}},
		delta: func(text string, _ int64) streamEvent {
			return streamEvent{body: event{Type: "text-generation", Text: &text}}
		},
		close: []streamEvent{{body: event{Finished: true, Type: "stream-end", Reason: whole.Reason, Response: &whole}}},
	}
}

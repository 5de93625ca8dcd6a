package families

import "github.com/loadline-dev/loadline/plugins"

// The chat templates of models that take one text. AWS does not wrap a prompt
// for InvokeModel, so the family does, as the model's maker documents it.
//
// What a prompt itself says is sent as it stands, the makers' special tokens
// in it too: it is the tester's own prompt, and a tool that measures must not
// change what it measures.

// llama2 is Meta's [INST] form.
func llama2(p plugins.Prompt) string {
	if p.System != "" {
		return "<s>[INST] <<SYS>>\n" + p.System + "\n<</SYS>>\n\n" + p.Text + " [/INST]"
	}
	return "<s>[INST] " + p.Text + " [/INST]"
}

// llama3 is the form of Llama 3, 3.1, 3.2 and 3.3.
func llama3(p plugins.Prompt) string {
	return llama(p, "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
}

// llama4 is the form of Llama 4, whose tokens Meta has renamed.
func llama4(p plugins.Prompt) string {
	return llama(p, "<|header_start|>", "<|header_end|>", "<|eot|>")
}

func llama(p plugins.Prompt, begin, end, stop string) string {
	s := "<|begin_of_text|>"
	if p.System != "" {
		s += begin + "system" + end + "\n\n" + p.System + stop
	}
	return s + begin + "user" + end + "\n\n" + p.Text + stop + begin + "assistant" + end + "\n\n"
}

// instruct is Mistral's [INST] form, which has no place for a system text.
func instruct(p plugins.Prompt) string { return "<s>[INST] " + joined(p) + " [/INST]" }

// human is the form of Claude before its messages.
func human(p plugins.Prompt) string {
	return p.System + "\n\nHuman: " + p.Text + "\n\nAssistant:"
}

// thinking is DeepSeek R1's form. It begins the model's thoughts, as AWS's own
// example does.
func thinking(p plugins.Prompt) string {
	return "<｜begin▁of▁sentence｜>" + p.System + "<｜User｜>" + p.Text + "<｜Assistant｜><think>\n"
}

// joined puts the system text before the prompt, for models that have no other
// place for it.
func joined(p plugins.Prompt) string {
	if p.System == "" {
		return p.Text
	}
	return p.System + "\n\n" + p.Text
}

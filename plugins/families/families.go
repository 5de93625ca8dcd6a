// Package families is the table of model families: how a kind of models is
// asked through InvokeModel, and where its replies tell the tokens used. With
// it go the tables of facts about single models: burndown, prices, limits.
//
// Shapes of bodies and replies: "Inference request parameters and response
// fields for foundation models" in the Amazon Bedrock user guide. Providers
// without a page there are asked in the shape of OpenAI's chat completions.
package families

import (
	"strings"

	"github.com/loadline-dev/loadline/plugins"
)

// All is the table of families. A new one is a row here. The first row that
// matches a model id is its family; the last row matches every id.
var All = []plugins.Family{
	{Name: "claude-text", Group: "Claude", Doc: "Anthropic Claude before 3: one text with turns of Human and Assistant.", Text: true,
		Match: begins("anthropic.claude-v", "anthropic.claude-instant"),
		Body:  completion(human, "max_tokens_to_sample"), Cap: "max_tokens_to_sample", Stream: claudeTextStream},
	{Name: "claude", Group: "Claude", Doc: "Anthropic Claude: the messages body.", Text: true,
		Match: begins("anthropic."),
		Body:  claudeBody, Cap: "max_tokens", Usage: claudeUsage, Stream: claudeStream},

	{Name: "nova-canvas", Group: "Nova", Doc: "Amazon Nova Canvas: one image of 512 by 512 from the text.", NoOutput: true,
		Match: begins("amazon.nova-canvas"), Body: canvasBody},
	{Name: "nova-embed", Group: "Nova", Doc: "Amazon Nova Multimodal Embeddings: one embedding of the text.", NoOutput: true,
		Match: begins("amazon.nova-2-multimodal-embeddings"), Body: novaEmbedBody},
	{Name: "nova-media", Group: "Nova", Doc: "Amazon Nova Sonic and Reel: speech in both directions and videos by job, which no single request asks for.", NoOutput: true,
		Match: begins("amazon.nova-sonic", "amazon.nova-2-sonic", "amazon.nova-reel")},
	{Name: "nova", Group: "Nova", Doc: "Amazon Nova understanding models: the messages-v1 body.", Text: true,
		Match: begins("amazon.nova"),
		Body:  novaBody, Cap: "inferenceConfig.maxTokens", Usage: novaUsage, Stream: novaStream},

	{Name: "titan-embed", Group: "Titan", Doc: "Amazon Titan Embeddings, text and multimodal: one embedding of the text.", NoOutput: true,
		Match: begins("amazon.titan-embed"), Body: titanEmbedBody, Usage: titanEmbedUsage},
	{Name: "titan-image", Group: "Titan", Doc: "Amazon Titan Image Generator: one image of 512 by 512 from the text.", NoOutput: true,
		Match: begins("amazon.titan-image"), Body: canvasBody},
	{Name: "titan-text", Group: "Titan", Doc: "Amazon Titan Text: inputText and textGenerationConfig; the system text stands before the prompt.", Text: true,
		Match: begins("amazon.titan"),
		Body:  titanBody, Cap: "textGenerationConfig.maxTokenCount", Usage: titanUsage, Stream: titanStream},
	{Name: "amazon-rerank", Group: "Amazon Rerank", Doc: "Amazon Rerank: the prompt's first line is the query, the further lines are the documents.", NoOutput: true,
		Match: begins("amazon.rerank"), Body: rerank(nil)},

	{Name: "llama2", Group: "Llama", Doc: "Meta Llama 2: the prompt in its [INST] template.", Text: true,
		Match: begins("meta.llama2"),
		Body:  completion(llama2, "max_gen_len"), Cap: "max_gen_len", Usage: llamaUsage, Stream: llamaStream},
	{Name: "llama", Group: "Llama", Doc: "Meta Llama 3 to 3.3: the prompt in the template of header ids.", Text: true,
		Match: begins("meta.llama3"),
		Body:  completion(llama3, "max_gen_len"), Cap: "max_gen_len", Usage: llamaUsage, Stream: llamaStream},
	{Name: "llama4", Group: "Llama", Doc: "Meta Llama 4 and later: the prompt in the template of headers. AWS documents no streams.", Text: true,
		Match: begins("meta."),
		Body:  completion(llama4, "max_gen_len"), Cap: "max_gen_len", Usage: llamaUsage},

	{Name: "mistral-text", Group: "Mistral", Doc: "Mistral 7B, Mixtral and the models of 2402: the prompt in its [INST] template.", Text: true,
		Match: begins("mistral.mistral-7b", "mistral.mixtral", "mistral.mistral-large-2402", "mistral.mistral-small-2402"),
		Body:  completion(instruct, "max_tokens"), Cap: "max_tokens", Stream: mistralTextStream},
	chatting("mistral", "Mistral", "Mistral Large from 2407 on, Pixtral, Ministral, Magistral, Devstral and Voxtral", "mistral."),

	{Name: "cohere-command-r", Group: "Cohere", Doc: "Cohere Command R: message and preamble.", Text: true,
		Match: begins("cohere.command-r"),
		Body:  commandRBody, Cap: "max_tokens", Usage: commandRUsage, Stream: commandRStream},
	{Name: "cohere-command", Group: "Cohere", Doc: "Cohere Command and Command Light: one text; the system text stands before the prompt.", Text: true,
		Match: begins("cohere.command-text", "cohere.command-light"),
		Body:  commandBody, Cap: "max_tokens", Stream: commandStream},
	{Name: "cohere-embed", Group: "Cohere", Doc: "Cohere Embed 3 and 4: one embedding of the text, as a document to be searched.", NoOutput: true,
		Match: begins("cohere.embed"), Body: cohereEmbedBody},
	{Name: "cohere-rerank", Group: "Cohere", Doc: "Cohere Rerank: the prompt's first line is the query, the further lines are the documents.", NoOutput: true,
		Match: begins("cohere.rerank"), Body: rerank(object{"api_version": 2})},

	{Name: "jurassic", Group: "AI21", Doc: "AI21 Jurassic-2: one text; the system text stands before the prompt.", Text: true,
		Match: begins("ai21.j2"),
		Body:  completion(joined, "maxTokens"), Cap: "maxTokens", Usage: jurassicUsage},
	chatting("jamba", "AI21", "AI21 Jamba", "ai21."),

	{Name: "deepseek-r1", Group: "DeepSeek", Doc: "DeepSeek R1: the prompt in its template, which begins the model's thoughts.", Text: true,
		Match: begins("deepseek.r1"),
		Body:  completion(thinking, "max_tokens"), Cap: "max_tokens", Stream: deepSeekR1Stream},
	chatting("deepseek", "DeepSeek", "DeepSeek V3 and later", "deepseek."),

	{Name: "openai", Group: "OpenAI", Doc: "OpenAI: the body of OpenAI's chat completions.", Text: true,
		Match: begins("openai."),
		Body:  chat("max_completion_tokens"), Cap: "max_completion_tokens", Usage: chatUsage, Stream: chatStream},
	chatting("qwen", "Qwen", "Alibaba Qwen", "qwen."),
	chatting("writer", "Writer", "Writer Palmyra", "writer."),
	chatting("gemma", "Gemma", "Google Gemma", "google."),
	chatting("glm", "GLM", "Z.ai GLM", "zai."),
	chatting("grok", "Grok", "xAI Grok", "xai."),
	chatting("kimi", "Kimi", "Moonshot Kimi", "moonshot.", "moonshotai."),
	chatting("minimax", "MiniMax", "MiniMax", "minimax."),
	chatting("nemotron", "Nemotron", "NVIDIA Nemotron", "nvidia."),

	{Name: "stable-diffusion-xl", Group: "Stable Diffusion", Doc: "Stable Diffusion XL: one image from the text.", NoOutput: true,
		Match: begins("stability.stable-diffusion"), Body: stableDiffusionXLBody},
	{Name: "stable-image", Group: "Stable Diffusion", Doc: "Stable Diffusion 3 and later, Stable Image Core and Ultra: one square image from the text.", NoOutput: true,
		Match: begins("stability.sd", "stability.stable-image-core", "stability.stable-image-ultra"), Body: stableImageBody},
	{Name: "stable-edit", Group: "Stable Diffusion", Doc: "Stability's image services, which work on an image: no request is known without one.", NoOutput: true,
		Match: begins("stability.")},

	{Name: "marengo", Group: "TwelveLabs", Doc: "TwelveLabs Marengo 3: one embedding of the text.", NoOutput: true,
		Match: begins("twelvelabs.marengo-embed-3"), Body: marengoBody},
	{Name: "pegasus", Group: "TwelveLabs", Doc: "TwelveLabs Pegasus, which answers about a video: no request is known without one.",
		Match: begins("twelvelabs.pegasus"), Stream: pegasusStream},
	{Name: "media", Group: "General", Doc: "Luma Ray and TwelveLabs Marengo 2.7: videos by job, which no single request asks for.", NoOutput: true,
		Match: begins("luma.", "twelvelabs.marengo-embed-2")},

	chatting("general", "General", "Every other model", ""),
}

// chatting is a family in the shape of OpenAI's chat completions.
func chatting(name, group, who string, match ...string) plugins.Family {
	return plugins.Family{Name: name, Group: group, Doc: who + ": the body of OpenAI's chat completions.", Text: true, Match: match,
		Body: chat("max_tokens"), Cap: "max_tokens", Usage: chatUsage, Stream: chatStream}
}

// begins is a list of beginnings of model ids.
func begins(ids ...string) []string { return ids }

// Of finds the family of a foundation model id.
func Of(base string, all []plugins.Family) plugins.Family {
	for _, f := range all {
		for _, m := range f.Match {
			if strings.HasPrefix(base, m) {
				return f
			}
		}
	}
	return plugins.Family{Name: "general", Group: "General", Text: true}
}

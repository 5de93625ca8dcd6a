package sim

// families are tried in order; the last takes every model. A row may not stand
// behind one with a prefix of its prefix (a test).
var families = []family{
	{name: "claude-text", prefixes: []string{"anthropic.claude-v1", "anthropic.claude-v2", "anthropic.claude-instant"},
		form: claudeTextForm, read: readClaudeText, caps: []string{"max_tokens_to_sample"}, reply: replyClaudeText, stream: streamClaudeText},
	{name: "claude", prefixes: []string{"anthropic."},
		form: claudeForm, read: readClaude, caps: []string{"max_tokens"}, reply: replyClaude, stream: streamClaude},

	{name: "amazon-image", prefixes: []string{"amazon.nova-canvas", "amazon.titan-image-"}, yields: yieldsImages, uncounted: true,
		form: amazonImageForm, read: readAmazonImage, reply: replyAmazonImage},
	{name: "nova-embed", prefixes: []string{"amazon.nova-2-multimodal-embeddings"}, yields: yieldsVectors,
		form: novaEmbedForm, read: readNovaEmbed, reply: replyNovaEmbed},
	{name: "async-video", prefixes: []string{"amazon.nova-reel", "luma."}, yields: yieldsVideo, uncounted: true, instead: "StartAsyncInvoke"},
	{name: "nova-sonic", prefixes: []string{"amazon.nova-sonic", "amazon.nova-2-sonic"}, yields: yieldsSpeech, uncounted: true,
		instead: "InvokeModelWithBidirectionalStream"},
	{name: "nova", prefixes: []string{"amazon.nova-"},
		form: novaForm, read: novaTalk.count, caps: []string{"inferenceConfig/max_new_tokens", "inferenceConfig/maxTokens"}, reply: replyNova, stream: streamNova},
	{name: "titan-embed-image", prefixes: []string{"amazon.titan-embed-image"}, yields: yieldsVectors,
		form: titanEmbedImageForm, read: readTitanEmbedImage, reply: replyTitanEmbed},
	{name: "titan-embed", prefixes: []string{"amazon.titan-embed-text-v1"}, yields: yieldsVectors,
		form: titanEmbedForm, read: readTitanEmbed(1536), reply: replyTitanEmbed},
	// Of g1-text-02 no page is left; the control plane names it Text Embeddings v2.
	{name: "titan-embed-v2", prefixes: []string{"amazon.titan-embed-text-v2", "amazon.titan-embed-g1-text-02"}, yields: yieldsVectors,
		form: titanEmbedV2Form, read: readTitanEmbed(1024), reply: replyTitanEmbedV2},
	{name: "titan-text-lite", prefixes: []string{"amazon.titan-text-lite"}, unset: 512,
		form: titanForm(4096), read: prompt("inputText"), caps: titanCaps, reply: replyTitan, stream: streamTitan},
	{name: "titan-text-premier", prefixes: []string{"amazon.titan-text-premier"}, unset: 512,
		form: titanForm(3072), read: prompt("inputText"), caps: titanCaps, reply: replyTitan, stream: streamTitan},
	{name: "titan-text", prefixes: []string{"amazon.titan-text-", "amazon.titan-tg1-"}, unset: 512,
		form: titanForm(8192), read: prompt("inputText"), caps: titanCaps, reply: replyTitan, stream: streamTitan},
	{name: "amazon-rerank", prefixes: []string{"amazon.rerank-"}, yields: yieldsRanks, uncounted: true,
		form: amazonRerankForm, read: readRerank, reply: replyRanks},

	// The user guide says that Llama 4 has no streams; the control plane and
	// clients in use say that it has.
	{name: "llama4", prefixes: []string{"meta.llama4"}, unset: 512, unstreamed: true,
		form: llamaForm, read: prompt("prompt"), caps: []string{"max_gen_len"}, reply: replyLlama, stream: streamLlama},
	{name: "llama", prefixes: []string{"meta.llama"}, unset: 512,
		form: llamaForm, read: prompt("prompt"), caps: []string{"max_gen_len"}, reply: replyLlama, stream: streamLlama},

	{name: "mistral-7b", prefixes: []string{"mistral.mistral-7b"}, unset: 512,
		form: mistralTextForm(8192), read: prompt("prompt"), caps: []string{"max_tokens"}, reply: replyMistralText, stream: streamCompletions("outputs")},
	{name: "mixtral", prefixes: []string{"mistral.mixtral-"}, unset: 512,
		form: mistralTextForm(4096), read: prompt("prompt"), caps: []string{"max_tokens"}, reply: replyMistralText, stream: streamCompletions("outputs")},
	{name: "mistral-text", prefixes: []string{"mistral.mistral-large-2402", "mistral.mistral-small-2402"}, unset: 8192,
		form: mistralTextForm(8192), read: prompt("prompt"), caps: []string{"max_tokens"}, reply: replyMistralText, stream: streamCompletions("outputs")},
	{name: "mistral-chat", prefixes: []string{"mistral.mistral-large-2407", "mistral.pixtral-"}, unset: 8192,
		form: mistralChatForm, read: readChat, caps: []string{"max_tokens"}, reply: replyMistralChat, stream: streamMistralChat},

	{name: "command-r", prefixes: []string{"cohere.command-r"},
		form: commandRForm, read: readCommandR, caps: []string{"max_tokens"}, reply: replyCommandR, stream: streamCommandR},
	{name: "command", prefixes: []string{"cohere.command-"}, unset: 20,
		form: commandForm, read: readCommand, caps: []string{"max_tokens"}, reply: replyCommand, stream: streamCommand},
	{name: "cohere-embed-v3", prefixes: []string{"cohere.embed-english-v3", "cohere.embed-multilingual-v3"}, yields: yieldsVectors,
		form: cohereEmbedV3Form, read: readCohereEmbed(1024), reply: replyCohereEmbed},
	{name: "cohere-embed-v4", prefixes: []string{"cohere.embed-"}, yields: yieldsVectors,
		form: cohereEmbedV4Form, read: readCohereEmbed(1536), reply: replyCohereEmbed},
	{name: "cohere-rerank", prefixes: []string{"cohere.rerank-"}, yields: yieldsRanks, uncounted: true,
		form: cohereRerankForm, read: readRerank, reply: replyRanks},

	{name: "jamba", prefixes: []string{"ai21.jamba-"}, unset: 4096, untold: true,
		form: jambaForm, read: readChat, caps: []string{"max_tokens"}, reply: replyJamba, stream: streamJamba},
	{name: "jurassic", prefixes: []string{"ai21.j2-"}, unset: 200, untold: true,
		form: jurassicForm, read: readCommand, caps: []string{"maxTokens"}, reply: replyJurassic},
	{name: "deepseek-r1", prefixes: []string{"deepseek.r1-"},
		form: deepseekForm, read: prompt("prompt"), caps: []string{"max_tokens"}, reply: replyDeepseek, stream: streamCompletions("choices")},
	{name: "gpt-oss", prefixes: []string{"openai.gpt-oss-"},
		form: chatForm, read: readOpenAI, caps: chatCaps, reply: replyOpenAI, stream: streamOpenAI},
	{name: "palmyra", prefixes: []string{"writer.palmyra-x"}, unset: 16,
		form: writerForm, read: readWriter, caps: []string{"max_tokens"}, reply: replyWriter, stream: streamChat},

	{name: "sdxl", prefixes: []string{"stability.stable-diffusion-xl"}, yields: yieldsImages, uncounted: true,
		form: sdxlForm, read: readSDXL, reply: replySDXL},
	{name: "stability", prefixes: []string{"stability.sd3-", "stability.stable-image-core-", "stability.stable-image-ultra-"}, yields: yieldsImages, uncounted: true,
		form: stabilityForm, read: readStability, reply: replyStability},
	{name: "style-transfer", prefixes: []string{"stability.stable-style-transfer-"}, yields: yieldsImages, uncounted: true,
		form: styleTransferForm, read: readStability, reply: replyStability},
	{name: "stability-service", prefixes: []string{"stability."}, yields: yieldsImages, uncounted: true,
		form: stabilityServiceForm, read: readStability, reply: replyStability},

	// The page of Pegasus has InvokeModel and its stream alone.
	{name: "pegasus", prefixes: []string{"twelvelabs.pegasus-"}, noConverse: true,
		form: pegasusForm, read: readPegasus, caps: []string{"maxOutputTokens"}, reply: replyPegasus, stream: streamPegasus},
	{name: "marengo-2", prefixes: []string{"twelvelabs.marengo-embed-2-"}, yields: yieldsVectors, uncounted: true,
		form: marengo2Form, read: readMarengo2, reply: replyMarengo},
	{name: "marengo", prefixes: []string{"twelvelabs.marengo-"}, yields: yieldsVectors, uncounted: true,
		form: marengo3Form, read: readMarengo3, reply: replyMarengo},

	{name: "chat", prefixes: []string{"deepseek.", "google.", "minimax.", "mistral.", "moonshot.", "moonshotai.", "nvidia.", "openai.", "qwen.", "writer.", "xai.", "zai.", ""},
		form: chatForm, read: readChat, caps: chatCaps, reply: replyChat, stream: streamChat},
}

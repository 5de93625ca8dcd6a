package quotas_test

// pairLabels are quotas of a scope (O on-demand, X cross-region, G global): the
// codes for requests and for tokens a minute, the model as the name of the
// quota writes it, and the models that they bind. What binds none of pairModels
// is there to be refused.
const pairLabels = `
O | L-F4CAA0FD | L-CFAB19FF | AI21 Labs Jamba 1.5 Large | ai21.jamba-1-5-large-v1:0
O | L-40063291 | L-46D2582A | AI21 Labs Jamba Instruct | ai21.jamba-instruct-v1:0
O | L-29E17D48 | -          | Amazon Nova 2 Multimodal Embeddings V1 | amazon.nova-2-multimodal-embeddings-v1:0
O | L-3F26CE29 | -          | Amazon Nova Canvas | amazon.nova-canvas-v1:0
O | L-E386A278 | L-70423BF8 | Amazon Nova Lite | amazon.nova-lite-v1:0
O | L-F2717A44 | L-CE33604C | Amazon Nova Pro | amazon.nova-pro-v1:0
O | L-AAB0080F | -          | Amazon Rerank 1.0 | amazon.rerank-v1:0
O | L-7DBB06FD | L-2B715ABD | Amazon Titan Image Generator G1 | amazon.titan-image-generator-v1
O | L-D6269ADB | L-F1AFB3C9 | Amazon Titan Image Generator G1 V2 | amazon.titan-image-generator-v2:0
O | L-DF0E34D4 | L-ABC24664 | Amazon Titan Multimodal Embeddings G1 | amazon.titan-embed-image-v1
O | L-879F6850 | L-74B5B793 | Amazon Titan Text Embeddings | amazon.titan-embed-text-v1
O | L-26C560CE | L-DE641971 | Amazon Titan Text Embeddings V2 | amazon.titan-embed-text-v2:0
O | L-9EAB0D12 | L-44992E63 | Amazon Titan Text Express | amazon.titan-text-express-v1
O | L-2DC80978 | L-8CE99163 | Anthropic Claude 3 Haiku | anthropic.claude-3-haiku-20240307-v1:0
O | L-8050DFC8 | L-27477D78 | Anthropic Claude 3 Opus | anthropic.claude-3-opus-20240229-v1:0
O | L-254CACF4 | L-A50569E5 | Anthropic Claude 3.5 Sonnet | anthropic.claude-3-5-sonnet-20240620-v1:0
O | L-79E773B3 | L-AD41C330 | Anthropic Claude 3.5 Sonnet V2 | anthropic.claude-3-5-sonnet-20241022-v2:0
O | L-0491E43A | L-98944717 | Anthropic Claude Opus 4.6 V1 | anthropic.claude-opus-4-6-v1
O | L-F3B698BE | L-B0D9183E | Anthropic Claude V2 | anthropic.claude-v2
O | L-3B3BFACF | L-4E833B8F | Cohere Command | cohere.command-text-v14
O | L-A49CA90F | L-17F95AA4 | Cohere Command R | cohere.command-r-v1:0
O | L-ADB4B3D7 | L-FEE1DCB6 | Cohere Command R Plus | cohere.command-r-plus-v1:0
O | L-FF8E7864 | L-A2BE277A | Cohere Embed English | cohere.embed-english-v3
O | L-BE5FD99B | L-C47B85D5 | Cohere Embed V4 | cohere.embed-v4:0
O | L-11512E58 | -          | Cohere Rerank 3.5 | cohere.rerank-v3-5:0
O | L-7A5451CB | L-30A6895A | DeepSeek V3 V1 | deepseek.v3-v1:0
O | L-3AE31EFC | L-C43703DE | DeepSeek V3.2 | deepseek.v3.2
O | L-999037CA | L-3FD4A73E | Gemma 3 12B | google.gemma-3-12b-it
O | L-5D46C7AF | L-F8729E94 | Gemma 3 27B | google.gemma-3-27b-it
O | L-65833D55 | L-5D8F2F54 | GPT OSS Safeguard 20B | openai.gpt-oss-safeguard-20b
O | L-B14A9603 | L-D18AC5F7 | Magistral Small 1.2 | mistral.magistral-small-2509
O | L-0700C8EB | L-D9F0CC0D | Meta Llama 2 13B |
O | L-674F621D | L-6DB35E51 | Meta Llama 2 Chat 13B | meta.llama2-13b-chat-v1
O | L-46D383AF | L-609E24B0 | Meta Llama 3 70B Instruct | meta.llama3-70b-instruct-v1:0
O | L-320BEFEB | L-03A9B835 | Meta Llama 3 8B Instruct | meta.llama3-8b-instruct-v1:0
O | L-19A2ED6C | L-9E79C230 | Meta Llama 3.1 8B Instruct | meta.llama3-1-8b-instruct-v1:0
O | L-53CCF898 | L-E2D0B19E | Meta Llama 3.2 11B Instruct | meta.llama3-2-11b-instruct-v1:0
O | L-20CFCD61 | L-6F14193C | Meta Llama 3.2 1B Instruct | meta.llama3-2-1b-instruct-v1:0
O | L-EBDED838 | L-41C63FF8 | Meta Llama 3.2 90B Instruct | meta.llama3-2-90b-instruct-v1:0
O | L-22EF3256 | L-372A660C | Meta Llama 3.3 70B Instruct | meta.llama3-3-70b-instruct-v1:0
O | L-828C986E | L-A81B7C40 | Minimax M2 | minimax.minimax-m2
O | L-6185F03F | L-359D5670 | MiniMax M2.5 | minimax.minimax-m2.5
O | L-99F7BDBC | L-334E5409 | Ministral 14B 3.0 | mistral.ministral-3-14b-instruct
O | L-DCA37E91 | L-8A4BEE90 | Ministral 3B 3.0 | mistral.ministral-3-3b-instruct
O | L-2BDF9A55 | L-3B98F300 | Ministral 8B 3.0 | mistral.ministral-3-8b-instruct
O | L-D9A35062 | -          | Mistral 7B Instruct | mistral.mistral-7b-instruct-v0:2
O | -          | L-02D831F1 | Mistral AI Mistral 7B Instruct | mistral.mistral-7b-instruct-v0:2
O | -          | L-01447289 | Mistral AI Mistral Large | mistral.mistral-large-2402-v1:0
O | L-1CBB0490 | L-82C15FA8 | Mistral AI Mistral Small | mistral.mistral-small-2402-v1:0
O | -          | L-490F4D1F | Mistral AI Mixtral 8X7BB Instruct | mistral.mixtral-8x7b-instruct-v0:1
O | L-3AF844DB | -          | Mistral Large | mistral.mistral-large-2402-v1:0
O | L-1402869F | L-1C28E1AB | Mistral Large 2407 | mistral.mistral-large-2407-v1:0
O | L-5B274E24 | L-C709F563 | Mistral Large 3 | mistral.mistral-large-3-675b-instruct
O | L-FD938632 | -          | Mistral Mixtral 8x7b Instruct | mistral.mixtral-8x7b-instruct-v0:1
O | L-C1711F26 | L-B8D04761 | Moonshot AI Kimi K2.5 | moonshotai.kimi-k2.5
O | L-2DA9C9CC | L-C0663FA3 | Nemotron Nano 3 30B | nvidia.nemotron-nano-3-30b
O | L-E722E1BB | L-EB4CADEE | NVIDIA Nemotron 3 Super 120B A12B | nvidia.nemotron-super-3-120b
O | L-AC7B3FB9 | L-33D3627D | NVIDIA Nemotron Nano 2 | nvidia.nemotron-nano-9b-v2
O | L-30B384EA | L-A05A5476 | NVIDIA Nemotron Nano 2 VL | nvidia.nemotron-nano-12b-v2
O | L-25B50707 | L-9DC5F595 | OpenAI GPT OSS 120B | openai.gpt-oss-120b-1:0
O | L-AF7F0545 | L-036E14D8 | OpenAI GPT OSS 20B | openai.gpt-oss-20b-1:0
O | L-548A1A32 | L-3875BCCF | Qwen3 235B a22b 2507 V1 | qwen.qwen3-235b-a22b-2507-v1:0
O | L-E880C759 | L-B7C52139 | Qwen3 32B V1 | qwen.qwen3-32b-v1:0
O | L-66EE6E0B | L-92F81E14 | Qwen3 Coder 30B a3b V1 | qwen.qwen3-coder-30b-a3b-v1:0
O | L-CBE7E3CD | L-4D0E44C8 | Qwen3 Coder 480B a35b V1 | qwen.qwen3-coder-480b-a35b-v1:0
O | L-4153B066 | L-A4C6122D | Qwen3 Coder Next | qwen.qwen3-coder-next
O | L-07B3CEEA | L-37AB702E | Qwen3 Next 80B A3B | qwen.qwen3-next-80b-a3b
O | L-11B56FB0 | L-46063925 | Qwen3 VL 235B A22B | qwen.qwen3-vl-235b-a22b
O | L-3849F0B7 | -          | Stability.ai Stable Diffusion XL 0.8 | stability.stable-diffusion-xl-v0
O | L-CC58F0A8 | -          | Stability.ai Stable Diffusion XL 1.0 | stability.stable-diffusion-xl-v1
O | L-5D30A162 | -          | Stability.ai Stable Image Core | stability.stable-image-core-v1:0 stability.stable-image-core-v1:1
O | L-5E8692C5 | -          | Twelve Labs Pegasus | twelvelabs.pegasus-1-2-v1:0
O | L-8CBCC2C0 | -          | TwelveLabs Marengo Embed 3.0 | twelvelabs.marengo-embed-3-0-v1:0
O | L-ACB2FB6A | L-930E2896 | Voxtral Small 1.0 | mistral.voxtral-small-24b-2507
O | L-23BFF4A6 | L-C53E98ED | Writer Palmyra Vision 7B | writer.palmyra-vision-7b
O | L-7BF266A9 | L-99316427 | Z.ai GLM 5 | zai.glm-5
O | L-497DDDD7 | L-12454D86 | Z.ai GLM-4.7 | zai.glm-4.7
O | L-5E856AD9 | L-B40F2E56 | Z.ai GLM-4.7 Flash | zai.glm-4.7-flash
X | L-F06F1187 | L-C6F5908D | Amazon Nova 2 Lite | amazon.nova-2-lite-v1:0
X | L-3B97F1DC | L-F0AF140A | Amazon Nova 2 Pro Preview |
X | L-89F8391A | L-7C42E72A | Amazon Nova Lite | amazon.nova-lite-v1:0
X | L-ED46B8C5 | L-C0326783 | Amazon Nova Pro | amazon.nova-pro-v1:0
X | L-616A3F5B | L-DCADBC78 | Anthropic Claude 3 Haiku | anthropic.claude-3-haiku-20240307-v1:0
X | L-EB15245D | L-6C86825E | Anthropic Claude 3 Opus | anthropic.claude-3-opus-20240229-v1:0
X | L-F457545D | L-479B647F | Anthropic Claude 3.5 Sonnet | anthropic.claude-3-5-sonnet-20240620-v1:0
X | L-1D3E59A3 | L-FF8B4E28 | Anthropic Claude 3.5 Sonnet V2 | anthropic.claude-3-5-sonnet-20241022-v2:0
X | -          | L-E8940935 | Anthropic Claude Fable 5.1 | anthropic.claude-fable-5-1
X | L-CCA5DF70 | L-58BE175A | Anthropic Claude Haiku 4.5 | anthropic.claude-haiku-4-5-20251001-v1:0
X | L-C99C7EF6 | L-29C2B0A3 | Anthropic Claude Opus 4 V1 | anthropic.claude-opus-4-20250514-v1:0
X | L-7EC72A47 | L-BD85BFCD | Anthropic Claude Opus 4.1 | anthropic.claude-opus-4-1-20250805-v1:0
X | L-27989F42 | L-7007E9C9 | Anthropic Claude Opus 4.5 | anthropic.claude-opus-4-5-20251101-v1:0
X | L-11DFF789 | L-0AD9BBE8 | Anthropic Claude Opus 4.6 V1 | anthropic.claude-opus-4-6-v1
X | -          | L-A4430697 | Anthropic Claude Opus 5.5 | anthropic.claude-opus-5-5
X | L-559DCC33 | L-59759B4A | Anthropic Claude Sonnet 4 V1 | anthropic.claude-sonnet-4-20250514-v1:0
X | L-534E5E05 | L-1FA095B8 | Anthropic Claude Sonnet 4 V1 1M Context Length |
X | L-4A6BFAB1 | L-F4DDD3EB | Anthropic Claude Sonnet 4.5 V1 | anthropic.claude-sonnet-4-5-20250929-v1:0
X | L-A052927A | L-8EA73537 | Anthropic Claude Sonnet 4.5 V1 1M Context Length |
X | -          | L-D4FBCF4E | Anthropic Claude Sonnet 5 | anthropic.claude-sonnet-5
X | L-EB8C1F30 | L-4C3F0FE6 | Cohere Embed V4 | cohere.embed-v4:0
X | L-F52323AB | L-06B03968 | DeepSeek R1 V1 | deepseek.r1-v1:0
X | -          | L-D94ECE3B | GPT-5.6 Sol | openai.gpt-5.6-sol
X | -          | L-53A144CD | GPT-6 Astra | openai.gpt-6-astra
X | -          | L-0F2ECB41 | Grok 4.6 | xai.grok-4.6
X | L-396C5302 | L-9782749C | Meta Llama 3.1 8B Instruct | meta.llama3-1-8b-instruct-v1:0
X | L-A31D2B40 | L-BD9FDA6F | Meta Llama 3.2 1B Instruct | meta.llama3-2-1b-instruct-v1:0
X | L-DEDE703C | L-0E7AA8B7 | Meta Llama 3.3 70B Instruct | meta.llama3-3-70b-instruct-v1:0
X | L-4F18EF2F | L-DE3FBBF4 | Meta Llama 4 Maverick V1 | meta.llama4-maverick-17b-instruct-v1:0
X | L-751B753A | L-532E6630 | Meta Llama 4 Scout V1 | meta.llama4-scout-17b-instruct-v1:0
X | L-674F42D5 | L-4B9F76B0 | Mistral Pixtral Large 25.02 V1 | mistral.pixtral-large-2502-v1:0
X | -          | L-51FF35D5 | Moonshot AI Kimi K3 | moonshotai.kimi-k3
X | L-0C7F3C72 | -          | Stable Image Conservative Upscale | stability.stable-conservative-upscale-v1:0
X | L-AE5771D9 | -          | Stable Image Search and Replace | stability.stable-image-search-replace-v1:0
X | L-E967C2DE | -          | Twelve Labs Marengo | twelvelabs.marengo-embed-2-7-v1:0
X | L-6E046197 | -          | Twelve Labs Pegasus | twelvelabs.pegasus-1-2-v1:0
X | L-E5197E26 | -          | TwelveLabs Marengo Embed 3.0 | twelvelabs.marengo-embed-3-0-v1:0
X | L-D655BF6C | L-90DFE70F | Writer AI Palmyra X5 V1 | writer.palmyra-x5-v1:0
G | L-D5F39C2F | L-71C69B70 | Amazon Nova 2 Lite | amazon.nova-2-lite-v1:0
G | L-A3425ABD | L-6B796A8E | Amazon Nova 2 Pro Preview |
G | -          | L-50CC5674 | Anthropic Claude Fable 5.1 | anthropic.claude-fable-5-1
G | L-E5084BBA | L-9A11C666 | Anthropic Claude Haiku 4.5 | anthropic.claude-haiku-4-5-20251001-v1:0
G | L-58424D95 | L-3ABF6ACC | Anthropic Claude Opus 4.5 | anthropic.claude-opus-4-5-20251101-v1:0
G | L-3DD46812 | L-3DCCFAA4 | Anthropic Claude Opus 4.6 V1 | anthropic.claude-opus-4-6-v1
G | -          | L-4C59C1F4 | Anthropic Claude Opus 4.6 V1 1M Context Length |
G | -          | L-A103A344 | Anthropic Claude Opus 5.5 | anthropic.claude-opus-5-5
G | L-C63AA5DA | L-97E41E39 | Anthropic Claude Sonnet 4 V1 | anthropic.claude-sonnet-4-20250514-v1:0
G | L-DB84CE56 | L-27C57EE8 | Anthropic Claude Sonnet 4.5 V1 | anthropic.claude-sonnet-4-5-20250929-v1:0
G | L-C0D53EFB | L-4B26E44A | Anthropic Claude Sonnet 4.5 V1 1M Context Length |
G | -          | L-DD84E5CA | Anthropic Claude Sonnet 5 | anthropic.claude-sonnet-5
G | L-7089DC7D | L-02DFBB76 | Cohere Embed V4 | cohere.embed-v4:0
G | -          | L-D983F7C0 | GPT-5.6 Luna | openai.gpt-5.6-luna
G | -          | L-4D7537CF | GPT-5.6 Sol | openai.gpt-5.6-sol
G | -          | L-B38B530A | GPT-6 Astra | openai.gpt-6-astra
G | -          | L-CCC92354 | GPT-6 Luna | openai.gpt-6-luna
G | -          | L-039AF68B | GPT-6 Sol | openai.gpt-6-sol
G | -          | L-2AD735F5 | Grok 4.6 | xai.grok-4.6
G | -          | L-2B5A3FA2 | Moonshot AI Kimi K3 | moonshotai.kimi-k3
`

// pairModels are models by id, with the name that the catalog gives, or none.
const pairModels = `
ai21.jamba-1-5-large-v1:0 | Jamba 1.5 Large
ai21.jamba-instruct-v1:0 | Jamba-Instruct
amazon.nova-2-lite-v1:0 | Nova 2 Lite
amazon.nova-2-multimodal-embeddings-v1:0 | Amazon Nova Multimodal Embeddings
amazon.nova-canvas-v1:0 | Amazon Nova Canvas
amazon.nova-lite-v1:0 | Nova Lite
amazon.nova-pro-v1:0 | Nova Pro
amazon.rerank-v1:0 | Amazon Rerank 1.0
amazon.titan-embed-g1-text-02 | Titan Text Embeddings v2
amazon.titan-embed-image-v1 | Titan Multimodal Embeddings G1
amazon.titan-embed-text-v1 | Titan Embeddings G1 - Text
amazon.titan-embed-text-v2:0 | Titan Text Embeddings V2
amazon.titan-image-generator-v1 | Titan Image Generator G1
amazon.titan-image-generator-v2:0 | Amazon Titan Image Generator G1 v2
amazon.titan-text-express-v1 | Titan Text G1 - Express
amazon.titan-tg1-large | Amazon Titan Text Large
anthropic.claude-3-5-sonnet-20240620-v1:0 | Claude 3.5 Sonnet
anthropic.claude-3-5-sonnet-20241022-v2:0 | Claude 3.5 Sonnet v2
anthropic.claude-3-haiku-20240307-v1:0 | Claude 3 Haiku
anthropic.claude-3-opus-20240229-v1:0 | Claude 3 Opus
anthropic.claude-fable-5-1 |
anthropic.claude-haiku-4-5-20251001-v1:0 | Claude Haiku 4.5
anthropic.claude-opus-4-1-20250805-v1:0 | Claude Opus 4.1
anthropic.claude-opus-4-20250514-v1:0 | Claude Opus 4
anthropic.claude-opus-4-5-20251101-v1:0 | Claude Opus 4.5
anthropic.claude-opus-4-6-v1 | Claude Opus 4.6
anthropic.claude-opus-5-5 |
anthropic.claude-sonnet-4-20250514-v1:0 | Claude Sonnet 4
anthropic.claude-sonnet-4-5-20250929-v1:0 | Claude Sonnet 4.5
anthropic.claude-sonnet-5 | Claude Sonnet 5
anthropic.claude-v2 | Claude
anthropic.claude-v2:1 | Claude
cohere.command-r-plus-v1:0 | Command R+
cohere.command-r-v1:0 | Command R
cohere.command-text-v14 | Command
cohere.embed-english-v3 | Embed English
cohere.embed-v4:0 | Embed v4
cohere.rerank-v3-5:0 | Rerank 3.5
deepseek.r1-v1:0 | DeepSeek-R1
deepseek.v3-v1:0 | DeepSeek-V3.1
deepseek.v3.2 | DeepSeek V3.2
google.gemma-3-12b-it | Gemma 3 12B IT
google.gemma-3-27b-it | Gemma 3 27B PT
meta.llama2-13b-chat-v1 | Llama 2 Chat 13B
meta.llama3-1-8b-instruct-v1:0 | Llama 3.1 8B Instruct
meta.llama3-2-11b-instruct-v1:0 | Llama 3.2 11B Instruct
meta.llama3-2-1b-instruct-v1:0 | Llama 3.2 1B Instruct
meta.llama3-2-90b-instruct-v1:0 | Llama 3.2 90B Instruct
meta.llama3-3-70b-instruct-v1:0 | Llama 3.3 70B Instruct
meta.llama3-70b-instruct-v1:0 | Llama 3 70B Instruct
meta.llama3-8b-instruct-v1:0 | Llama 3 8B Instruct
meta.llama4-maverick-17b-instruct-v1:0 | Llama 4 Maverick 17B Instruct
meta.llama4-scout-17b-instruct-v1:0 | Llama 4 Scout 17B Instruct
minimax.minimax-m2 | MiniMax M2
minimax.minimax-m2.5 | MiniMax M2.5
mistral.magistral-small-2509 | Magistral Small 2509
mistral.ministral-3-14b-instruct | Ministral 14B 3.0
mistral.ministral-3-3b-instruct | Ministral 3B
mistral.ministral-3-8b-instruct | Ministral 3 8B
mistral.mistral-7b-instruct-v0:2 | Mistral 7B Instruct
mistral.mistral-large-2402-v1:0 | Mistral Large (24.02)
mistral.mistral-large-2407-v1:0 | Mistral Large (24.07)
mistral.mistral-large-3-675b-instruct | Mistral Large 3
mistral.mistral-small-2402-v1:0 | Mistral Small (24.02)
mistral.mixtral-8x7b-instruct-v0:1 | Mixtral 8x7B Instruct
mistral.pixtral-large-2502-v1:0 | Pixtral Large (25.02)
mistral.voxtral-small-24b-2507 | Voxtral Small 24B 2507
moonshot.kimi-k2-thinking | Kimi K2 Thinking
moonshotai.kimi-k2.5 | Kimi K2.5
moonshotai.kimi-k3 |
nvidia.nemotron-nano-12b-v2 | NVIDIA Nemotron Nano 12B v2 VL BF16
nvidia.nemotron-nano-3-30b | Nemotron Nano 3 30B
nvidia.nemotron-nano-9b-v2 | NVIDIA Nemotron Nano 9B v2
nvidia.nemotron-super-3-120b | NVIDIA Nemotron 3 Super 120B A12B
openai.gpt-5.6-luna |
openai.gpt-5.6-sol |
openai.gpt-6-astra |
openai.gpt-6-luna |
openai.gpt-6-sol |
openai.gpt-6.1-sol |
openai.gpt-oss-120b-1:0 | gpt-oss-120b
openai.gpt-oss-20b-1:0 | gpt-oss-20b
openai.gpt-oss-safeguard-20b | GPT OSS Safeguard 20B
qwen.qwen3-235b-a22b-2507-v1:0 | Qwen3 235B A22B 2507
qwen.qwen3-32b-v1:0 | Qwen3 32B (dense)
qwen.qwen3-coder-30b-a3b-v1:0 | Qwen3-Coder-30B-A3B-Instruct
qwen.qwen3-coder-480b-a35b-v1:0 | Qwen3 Coder 480B A35B Instruct
qwen.qwen3-coder-next | Qwen3 Coder Next
qwen.qwen3-next-80b-a3b | Qwen3 Next 80B A3B
qwen.qwen3-vl-235b-a22b | Qwen3 VL 235B A22B
stability.stable-conservative-upscale-v1:0 | Stable Image Conservative Upscale
stability.stable-diffusion-xl-v0 | SDXL 0.8
stability.stable-diffusion-xl-v1 | SDXL 1.0
stability.stable-image-core-v1:0 |
stability.stable-image-core-v1:1 | Stable Image Core 1.0
stability.stable-image-search-recolor-v1:0 | Stable Image Search and Recolor
stability.stable-image-search-replace-v1:0 | Stable Image Search and Replace
stability.stable-outpaint-v1:0 | Stable Image Outpaint
twelvelabs.marengo-embed-2-7-v1:0 | Marengo Embed v2.7
twelvelabs.marengo-embed-3-0-v1:0 | Marengo Embed 3.0
twelvelabs.pegasus-1-2-v1:0 | Pegasus v1.2
writer.palmyra-vision-7b | Writer Palmyra Vision 7B
writer.palmyra-x5-v1:0 | Palmyra X5
xai.grok-4.6 |
zai.glm-4.7 | GLM 4.7
zai.glm-4.7-flash | GLM 4.7 Flash
zai.glm-5 | GLM 5
`

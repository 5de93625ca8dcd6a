package quotas

// alias is a name that no rule reaches: how the quotas call a model whose own
// name and id say something else.
type alias struct {
	base, label, reason string
}

// aliases are matched where neither the model's name nor its id is the label.
// Source: the tables of model ids and of quotas in the user guide and in the
// AWS General Reference.
var aliases = []alias{
	{"mistral.mistral-large-2402-v1:0", "Mistral Large", "the first edition is written without its month"},
	{"mistral.mistral-small-2402-v1:0", "Mistral Small", "the first edition is written without its month"},
	{"mistral.mistral-7b-instruct-v0:2", "Mistral 7B Instruct", "written without its version 0.2"},
	{"mistral.mixtral-8x7b-instruct-v0:1", "Mixtral 8x7B Instruct", "written without its version 0.1"},
	{"mistral.mixtral-8x7b-instruct-v0:1", "Mixtral 8X7BB Instruct", "misspelled in the quota on tokens"},
	{"mistral.magistral-small-2509", "Magistral Small 1.2", "by the maker's version for the month"},
	{"mistral.voxtral-mini-3b-2507", "Voxtral Mini 1.0", "by the maker's version for size and month"},
	{"mistral.voxtral-small-24b-2507", "Voxtral Small 1.0", "by the maker's version for size and month"},
	{"nvidia.nemotron-nano-9b-v2", "Nemotron Nano 2", "the version for the size"},
	{"nvidia.nemotron-nano-12b-v2", "Nemotron Nano 2 VL", "the version for the size; the model of this size reads images (VL)"},
	{"nvidia.nemotron-super-3-120b", "Nemotron 3 Super 120B A12B", "the id leaves out the active size"},
	{"twelvelabs.pegasus-1-2-v1:0", "Pegasus", "written without its version 1.2"},
	{"twelvelabs.marengo-embed-2-7-v1:0", "Marengo", "written without Embed and its version 2.7"},
	{"amazon.titan-embed-image-v1", "Titan Multimodal Embeddings G1", "the id says image for multimodal"},
	{"amazon.titan-image-generator-v1", "Titan Image Generator G1", "the id leaves out G1"},
	{"amazon.titan-image-generator-v2:0", "Titan Image Generator G1 V2", "the id leaves out G1"},
	{"cohere.command-text-v14", "Command", "the id says text-v14"},
	{"cohere.command-light-text-v14", "Command Light", "the id says text-v14"},
	{"cohere.embed-english-v3", "Embed English", "written without its version 3"},
	{"cohere.embed-multilingual-v3", "Embed Multilingual", "written without its version 3"},
	{"ai21.j2-mid-v1", "Jurassic-2 Mid", "the id says j2"},
	{"ai21.j2-ultra-v1", "Jurassic-2 Ultra", "the id says j2"},
	{"stability.stable-diffusion-xl-v0", "Stable Diffusion XL 0.8", "the id says v0"},
	{"stability.stable-image-core-v1:1", "Stable Image Core", "written without its revision"},
	{"stability.stable-image-ultra-v1:1", "Stable Image Ultra", "written without its revision"},
	{"stability.stable-conservative-upscale-v1:0", "Stable Image Conservative Upscale", "the id leaves out Image"},
	{"stability.stable-creative-upscale-v1:0", "Stable Image Creative Upscale", "the id leaves out Image"},
	{"stability.stable-fast-upscale-v1:0", "Stable Image Fast Upscale", "the id leaves out Image"},
	{"stability.stable-style-transfer-v1:0", "Stable Image Style Transfer", "the id leaves out Image"},
}

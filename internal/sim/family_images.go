package sim

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/jpeg"
	"image/png"
	"strconv"
	"strings"
	"sync"
)

// Image models: Nova Canvas and Titan Image Generator, SDXL, and the newer models
// and image services of Stability AI. They count images, no tokens. Every image
// here is one pixel, in the format that was asked for.

var amazonImageForm = bodyForm{strict: true, keys: []key{
	need("taskType", text).among("TEXT_IMAGE", "COLOR_GUIDED_GENERATION", "IMAGE_VARIATION", "INPAINTING", "OUTPAINTING", "BACKGROUND_REMOVAL", "VIRTUAL_TRY_ON"),
	may("textToImageParams", dict), may("colorGuidedGenerationParams", dict), may("imageVariationParams", dict), may("inPaintingParams", dict),
	may("outPaintingParams", dict), may("backgroundRemovalParams", dict), may("virtualTryOnParams", dict),
	may("imageGenerationConfig", dict).of(
		may("numberOfImages", whole).within(1, 5), may("quality", text).among("standard", "premium"), may("cfgScale", number).within(1.1, 10),
		may("width", whole).within(256, 4096), may("height", whole).within(256, 4096), may("seed", whole).within(0, 2_147_483_646),
	),
}}

// taskParams are the members that the tasks are described in.
var taskParams = map[string]string{
	"TEXT_IMAGE": "textToImageParams", "COLOR_GUIDED_GENERATION": "colorGuidedGenerationParams", "IMAGE_VARIATION": "imageVariationParams",
	"INPAINTING": "inPaintingParams", "OUTPAINTING": "outPaintingParams", "BACKGROUND_REMOVAL": "backgroundRemovalParams",
	"VIRTUAL_TRY_ON": "virtualTryOnParams",
}

func readAmazonImage(a *ask, b body) *fault {
	task := b.text("taskType")
	params, ok := b[taskParams[task]].(map[string]any)
	if !ok {
		return missing(taskParams[task])
	}
	if said, isText := params["text"].(string); task == "TEXT_IMAGE" && (!isText || said == "") {
		return malformed("#/textToImageParams: required key [text] not found")
	}
	config, _ := b["imageGenerationConfig"].(map[string]any)
	c := body(config)
	a.wanted = &wanted{images: 1, size: sizeOf(c, 1024, 1024)}
	if n := c.number("numberOfImages"); n != nil {
		a.wanted.images = *n
	}
	return nil
}

// sizeOf is how a size is written, in pixels.
func sizeOf(b body, width, height int64) string {
	if n := b.number("width"); n != nil {
		width = *n
	}
	if n := b.number("height"); n != nil {
		height = *n
	}
	return strconv.FormatInt(width, 10) + "x" + strconv.FormatInt(height, 10)
}

func replyAmazonImage(_ *model, a *answer) any {
	return struct {
		Images []string `json:"images"`
		Error  *string  `json:"error"`
	}{paint(a.wanted), nil}
}

// sdxlForm: the user guide of Stability AI Diffusion 1.0, text to image and image
// to image.
var sdxlForm = bodyForm{strict: true, keys: []key{
	need("text_prompts", list).within(1, 10).of(need("text", text), may("weight", number)),
	may("cfg_scale", number).within(0, 35), may("steps", whole).within(10, 150), may("seed", whole).within(0, 4_294_967_295),
	may("width", whole).within(128, 1536), may("height", whole).within(128, 1536), may("samples", whole).within(1, 1),
	may("sampler", text), may("style_preset", text), may("clip_guidance_preset", text), may("extras", dict),
	may("init_image", text), may("init_image_mode", text), may("image_strength", number).within(0, 1), may("mask_source", text), may("mask_image", text),
	may("step_schedule_start", number), may("step_schedule_end", number),
}}

func readSDXL(a *ask, b body) *fault {
	for _, side := range []string{"width", "height"} {
		if n := b.number(side); n != nil && *n%64 != 0 {
			return malformed("#/" + side + ": " + strconv.FormatInt(*n, 10) + " is not a multiple of 64")
		}
	}
	a.wanted = &wanted{images: 1, size: sizeOf(b, 1024, 1024)}
	if n := b.number("steps"); n != nil {
		a.wanted.steps = *n
	}
	return nil
}

func replySDXL(_ *model, a *answer) any {
	type artifact struct {
		Seed   uint32 `json:"seed"`
		Base64 string `json:"base64"`
		Reason string `json:"finishReason"`
	}
	return struct {
		Result    string     `json:"result"`
		Artifacts []artifact `json:"artifacts"`
	}{"success", []artifact{{seedOf(a), paint(a.wanted)[0], "SUCCESS"}}}
}

// stabilityForm: the user guide of Stable Image Core, Ultra and Stable Diffusion 3
// and 3.5 Large.
var stabilityForm = bodyForm{keys: []key{
	need("prompt", text), may("negative_prompt", text), may("mode", text).among("text-to-image", "image-to-image"),
	may("aspect_ratio", text).among("16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"),
	may("output_format", text).among("png", "jpeg", "PNG", "JPEG"), may("seed", number).within(0, 4_294_967_295),
	may("image", text), may("strength", number).within(0, 1), may("style_preset", text),
}}

func readStability(a *ask, b body) *fault {
	if b.text("mode") == "image-to-image" && b.text("image") == "" {
		return missing("image")
	}
	a.wanted = &wanted{images: 1, size: "1024x1024", jpeg: strings.EqualFold(b.text("output_format"), "jpeg")}
	return nil
}

// stabilityServiceForm is what the image services of Stability AI have in common:
// an image that they work on. Style transfer has two.
var (
	stabilityServiceForm = bodyForm{keys: stabilityServiceKeys(need("image", text))}
	styleTransferForm    = bodyForm{keys: stabilityServiceKeys(need("init_image", text), need("style_image", text))}
)

func stabilityServiceKeys(images ...key) []key {
	return append(images, may("prompt", text), may("aspect_ratio", text), may("negative_prompt", text), may("seed", number).within(0, 4_294_967_295),
		may("output_format", text).among("png", "jpeg", "webp", "PNG", "JPEG", "WEBP"), may("mask", text))
}

func replyStability(_ *model, a *answer) any {
	return struct {
		Seeds   []uint32  `json:"seeds"`
		Reasons []*string `json:"finish_reasons"` // null: nothing was filtered
		Images  []string  `json:"images"`
	}{[]uint32{seedOf(a)}, []*string{nil}, paint(a.wanted)}
}

// seedOf is a seed that an answer was painted with.
func seedOf(a *answer) uint32 { return uint32(hashOf(a.id)) }

// onePixel is an image, in base64.
var onePixel = sync.OnceValue(func() (images struct{ png, jpeg string }) {
	var b bytes.Buffer
	pixel := image.NewGray(image.Rect(0, 0, 1, 1))
	written := func(err error) string {
		if err != nil { // a bug here: a buffer takes everything
			panic(err)
		}
		defer b.Reset()
		return base64.StdEncoding.EncodeToString(b.Bytes())
	}
	images.png = written(png.Encode(&b, pixel))
	images.jpeg = written(jpeg.Encode(&b, pixel, nil))
	return images
})

func paint(w *wanted) []string {
	one := onePixel().png
	if w.jpeg {
		one = onePixel().jpeg
	}
	all := make([]string, w.images)
	for i := range all {
		all[i] = one
	}
	return all
}

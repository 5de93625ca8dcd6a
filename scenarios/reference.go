package scenarios

import "gopkg.in/yaml.v3"

// Entry is one row of the reference of the scenario language.
type Entry struct {
	Path     string // such as models.<name>.id or steps[].load.ramp[].to
	Type     string // what to write, in words
	Required bool
	Default  string
	Example  string
	Doc      string
}

// Reference lists every key of the language, each before those inside it, in the order of the tables.
func Reference(lang Language) []Entry {
	return entries("", lang.root())
}

func entries(path string, t Type) []Entry {
	if t.told {
		return nil
	}
	switch t.shape {
	case shapeList:
		return entries(path+"[]", *t.elem)
	case shapeFree:
		return entries(path+".<name>", *t.elem)
	case shapeEither:
		var all []Entry
		seen := map[string]bool{}
		for _, form := range t.forms {
			for _, e := range entries(path, form) {
				// Forms share keys, such as the name of a step.
				if form.kind() == yaml.MappingNode && seen[e.Path] {
					continue
				}
				seen[e.Path] = true
				all = append(all, e)
			}
		}
		return all
	}
	if path != "" {
		path += "."
	}
	var all []Entry
	for _, key := range t.keys {
		all = append(all, Entry{
			Path: path + key.Name, Type: key.Type.String(), Required: key.Required,
			Default: key.Default, Example: key.Example, Doc: key.Doc,
		})
		all = append(all, entries(path+key.Name, key.Type)...)
	}
	return all
}

package sim

import (
	"cmp"
	"slices"
)

// Rerank models of Cohere and Amazon, through InvokeModel. They count no tokens.
// The bodies are those of Cohere's rerank; the user guide shows the operation
// Rerank of another service in their place.

var (
	cohereRerankForm = bodyForm{keys: []key{
		need("query", text), need("documents", list).within(1, 1000), need("api_version", whole).within(2, 2),
		may("top_n", whole).within(1, anyNumber), may("max_tokens_per_doc", whole), may("return_documents", boolean),
	}}
	amazonRerankForm = bodyForm{keys: []key{
		need("query", text), need("documents", list).within(1, 1000), may("top_n", whole).within(1, anyNumber), may("api_version", whole),
	}}
)

// readRerank takes documents that are texts, or objects with a text.
func readRerank(a *ask, b body) *fault {
	documents := b["documents"].([]any)
	a.wanted = &wanted{query: b.text("query"), top: len(documents)}
	for _, d := range documents {
		switch d := d.(type) {
		case string:
			a.wanted.texts = append(a.wanted.texts, d)
		case map[string]any:
			a.wanted.texts = append(a.wanted.texts, body(d).text("text"))
		default:
			return malformed("#/documents: expected type: String, found: " + shapeOf(d))
		}
	}
	if n := b.number("top_n"); n != nil {
		a.wanted.top = int(min(int64(len(documents)), *n))
	}
	return nil
}

// replyRanks orders the documents. The relevance of a document to a query is
// always the same, and says nothing about them.
func replyRanks(_ *model, a *answer) any {
	type rank struct {
		Index int     `json:"index"`
		Score float64 `json:"relevance_score"`
	}
	ranks := make([]rank, len(a.wanted.texts))
	for i, document := range a.wanted.texts {
		ranks[i] = rank{i, float64(mix(hashOf(a.wanted.query)+mix(hashOf(document)))>>11) / (1 << 53)}
	}
	slices.SortStableFunc(ranks, func(x, y rank) int { return cmp.Compare(y.Score, x.Score) })
	return struct {
		Results []rank `json:"results"`
	}{ranks[:a.wanted.top]}
}

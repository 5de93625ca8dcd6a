package steps

// Sharing are the ids whose calls take from the same quotas as those of an id, by
// their names in CloudWatch, its own among them.
func (s *Survey) Sharing(id string) (ids []string) {
	for _, one := range sharing(id, s.Catalog, reachOf(s.Catalog)) {
		ids = append(ids, one.id)
	}
	return ids
}

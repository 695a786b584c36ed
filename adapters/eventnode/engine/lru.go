package engine

// lru is a map of bounded size that forgets what was used longest ago. It is
// not safe for concurrent use: the writer owns the ones it has.
type lru[K comparable, V any] struct {
	limit   int
	entries map[K]*lruEntry[K, V]
	// root closes the ring of entries: its newer neighbour is the one used longest
	// ago, its earlier neighbour the one used last.
	root lruEntry[K, V]
}

type lruEntry[K comparable, V any] struct {
	key            K
	value          V
	newer, earlier *lruEntry[K, V]
}

func newLRU[K comparable, V any](limit int) *lru[K, V] {
	c := &lru[K, V]{limit: limit, entries: make(map[K]*lruEntry[K, V])}
	c.root.newer, c.root.earlier = &c.root, &c.root
	return c
}

// get returns the value and marks it as used.
func (c *lru[K, V]) get(key K) (V, bool) {
	entry, found := c.entries[key]
	if !found {
		var none V
		return none, false
	}
	c.unlink(entry)
	c.link(entry)
	return entry.value, true
}

// put stores the value and forgets the oldest entry beyond the limit.
func (c *lru[K, V]) put(key K, value V) {
	entry, found := c.entries[key]
	if found {
		c.unlink(entry)
	} else {
		entry = &lruEntry[K, V]{key: key}
		c.entries[key] = entry
	}
	entry.value = value
	c.link(entry)
	if len(c.entries) > c.limit {
		oldest := c.root.newer
		c.unlink(oldest)
		delete(c.entries, oldest.key)
	}
}

// link makes the entry the one used last.
func (c *lru[K, V]) link(entry *lruEntry[K, V]) {
	entry.newer, entry.earlier = &c.root, c.root.earlier
	entry.earlier.newer, c.root.earlier = entry, entry
}

func (c *lru[K, V]) unlink(entry *lruEntry[K, V]) {
	entry.newer.earlier, entry.earlier.newer = entry.earlier, entry.newer
}

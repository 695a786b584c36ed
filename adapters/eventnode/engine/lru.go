package engine

import "container/list"

// lru is a map of bounded size that forgets what was used longest ago. It is
// not safe for concurrent use: the writer owns the ones it has.
type lru[K comparable, V any] struct {
	limit   int
	entries map[K]*list.Element
	order   *list.List // most recently used first
}

type lruEntry[K comparable, V any] struct {
	key   K
	value V
}

func newLRU[K comparable, V any](limit int) *lru[K, V] {
	return &lru[K, V]{limit: limit, entries: make(map[K]*list.Element), order: list.New()}
}

// get returns the value and marks it as used.
func (c *lru[K, V]) get(key K) (V, bool) {
	element, found := c.entries[key]
	if !found {
		var none V
		return none, false
	}
	c.order.MoveToFront(element)
	return element.Value.(*lruEntry[K, V]).value, true
}

// put stores the value and forgets the oldest ones beyond the limit.
func (c *lru[K, V]) put(key K, value V) {
	if element, found := c.entries[key]; found {
		element.Value.(*lruEntry[K, V]).value = value
		c.order.MoveToFront(element)
		return
	}
	c.entries[key] = c.order.PushFront(&lruEntry[K, V]{key: key, value: value})
	for len(c.entries) > c.limit {
		oldest := c.order.Back()
		c.order.Remove(oldest)
		delete(c.entries, oldest.Value.(*lruEntry[K, V]).key)
	}
}

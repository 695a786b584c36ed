package es

// eachPlain calls f with each name and value of a JSON object as Praxis writes metadata:
// no blanks, and nothing in it but strings of printable ASCII without escapes. It returns
// false for anything else, whatever f was called with until then, and when f does: then
// the bytes are for the JSON parser. It never takes what is not JSON for an object.
func eachPlain(b []byte, f func(name, value []byte) bool) bool {
	if len(b) < 2 || b[0] != '{' {
		return false
	}
	if b[1] == '}' {
		return len(b) == 2
	}
	for i := 0; ; i++ {
		name, next := plainString(b, i+1)
		if next >= len(b) || b[next] != ':' {
			return false
		}
		value, next := plainString(b, next+1)
		if next >= len(b) || !f(name, value) {
			return false
		}
		switch i = next; b[i] {
		case '}':
			return i == len(b)-1
		case ',':
		default:
			return false
		}
	}
}

// plainString returns what is between the quotes at b[at:] and the index behind them;
// the length of b if there is no such string.
func plainString(b []byte, at int) (s []byte, next int) {
	if at >= len(b) || b[at] != '"' {
		return nil, len(b)
	}
	for i := at + 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return b[at+1 : i], i + 1
		case c < ' ' || c == '\\' || c > '~':
			return nil, len(b)
		}
	}
	return nil, len(b)
}

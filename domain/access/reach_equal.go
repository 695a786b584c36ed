package access

import "slices"

// Equal reports whether two reaches are written the same way. Reaches that are
// not may still include the same resources.
func (r Reach) Equal(o Reach) bool {
	return r.Group == o.Group && slices.EqualFunc(r.Parts, o.Parts, func(a, b Part) bool {
		return a.Within.equal(b.Within) && a.Except.equal(b.Except)
	})
}

func (a Area) equal(b Area) bool {
	return a.All == b.All && a.EveryChart == b.EveryChart && a.TeamOf == b.TeamOf && slices.Equal(a.ChartsOf, b.ChartsOf) &&
		slices.Equal(a.Clinicians, b.Clinicians) && slices.Equal(a.About, b.About) &&
		slices.Equal(a.Branches, b.Branches) && slices.Equal(a.Charts, b.Charts)
}

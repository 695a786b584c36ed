package chart

import (
	"praxis/domain/careteam"
	"praxis/domain/id"
)

// PrimaryRule says how the first primary of a chart was found.
type PrimaryRule = careteam.PrimaryRule

// The rules, as H-5 orders them.
const (
	ByCreator           = careteam.ByCreator
	ByFirstProfessional = careteam.ByFirstProfessional
	ByChoice            = careteam.ByChoice
)

// DefaultPrimary is careteam.Members.DefaultPrimary. Fault: "no_professional_available".
func (p Group) DefaultPrimary(creator id.Member) (id.Member, PrimaryRule, error) {
	return p.Members.DefaultPrimary(creator)
}

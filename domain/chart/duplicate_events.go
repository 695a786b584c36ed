package chart

import "praxis/domain/id"

// ToldApart says that the patient is another than those of these charts, which look alike.
type ToldApart struct {
	// From are charts of the same practice, none of them this one.
	From []id.Chart `json:"from"`
	// Reason is free text and may say something about the patients.
	Reason string `json:"reason" personal:"true"`
}

func (ToldApart) isEvent() {}

// Package chart holds the rules of a patient's chart in a group practice: who
// the patient is, which one professional is primary and who else is on the care
// team, which branch it belongs to, whether it is active and whether it is
// archived, and which accounts may book for the patient. One chart is one
// stream, so that "exactly one primary" holds in every revision (C-2, H-2,
// AMB-16). Facts about the group (is this an active clinician, is that branch
// open) come in as fields of the commands; false is the safe answer.
//
// It imports the standard library and the kernel: access, careteam, civil, es,
// fault and id.
package chart

// Package group is the aggregate of one group practice: its members and their
// roles, who manages and assists whom, its branches, its invitations, every
// permission that departs from the matrix, its ownership, and its subscription:
// licences, the trial, billing periods and charges. All of it is one stream,
// because the rules span it: exactly one owner, at least one branch, no change
// above one's own rank, no clinician without a licence, no period charged twice.
// Being a clinician is apart from the role, and is what costs (L-6, L-7,
// BIL-A27). What a licence costs is calculated by package pricing. The package
// imports the standard library and the domain's shared types.
package group

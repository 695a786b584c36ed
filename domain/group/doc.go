// Package group is the aggregate of one group practice: its members and their
// roles, who manages and assists whom, its branches, its invitations and every
// permission that departs from the matrix. All of it is one stream, because the
// rules span it: exactly one owner, at least one branch, nobody above their own
// rank. Licences, the subscription and the transfer of ownership join it later;
// being a clinician is already kept apart from the role (L-6, L-7). The package
// imports the standard library and the domain's shared types.
package group

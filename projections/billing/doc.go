// Package billing is the read model of patient billing: the group's history,
// in which every entry names its clinician (BIL-16); the balances of the group,
// of each clinician and of each patient, with credit kept apart from debt
// (BIL-15); and the list of invoices (BIL-20). It may import the domain,
// projections and pgx.
package billing

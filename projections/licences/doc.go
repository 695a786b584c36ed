// Package licences is the read model of a practice's licences and their money:
// what is owned, held and free; each licence with its terms and what changes
// next; every charge with its lines, attempts and refunds; and the seat ledger,
// which says for every day why each seat cost what.
//
// Amounts are copied from the events and added up, never computed anew, and every
// sentence about them is pricing's. It may import the domain, projections and
// pgx.
package licences

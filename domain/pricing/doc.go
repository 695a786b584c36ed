// Package pricing knows what licences cost: the plans, the operator's price book
// and its versions, billing periods, trainee discounts, and the one formula by
// which part of a period is charged. It decides nothing about a practice; package
// group does, and hands it facts. Every charge line keeps how it came about and
// says so in a sentence. It imports the standard library and the domain's shared
// types.
package pricing

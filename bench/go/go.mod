module cedo/bench

go 1.18

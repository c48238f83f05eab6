"""Reports about reports: many of them as one fleet, and two of them compared.

Works on the JSON reports as published, so that those of other machines, and of other versions of
this program, can be read.  `reading` reads one, `merging` and `comparing` make values of them, and
a module for each form writes those out.
"""

# tools/tracelib/report/ - one HTML page about a trace
# SPDX-License-Identifier: MIT
"""Each module here makes one section's numbers out of a History, as what JSON
can hold; those that have nothing to show say why: {"missing": reason}. page.py
puts them and the files of web/ together. There, each .js file draws one
section. All that grows with the trace is put into bins here, so that the page
has the same size for a thousand records and for a million.
"""

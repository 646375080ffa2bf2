"""The summary report of a closed consultation.

Its parts are those of the EU's synopsis report. Source: Better Regulation Toolbox 2023, tool 54.
"""

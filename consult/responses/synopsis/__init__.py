"""The synopsis report of a closed consultation: what was asked, who answered, what they argued, what became of it.

Its parts are those that the EU asks of a synopsis report. Source: Better Regulation Toolbox 2023, tool 54.
"""

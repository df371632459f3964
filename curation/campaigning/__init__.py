"""Campaigns in the product: rows, queue, money, files, jobs. What a campaign does is `curation.campaign`.

services.py    start, go on, cancel; one step of a campaign, which a job takes
people.py      pairs into the project's queue, and their answers back
paying.py      requests to model servers, cached and within the campaign's budget
lending.py     the pairs of a version or a pool, and the models and benchmarks of the organisation
selectors.py   what the pages and the API show
"""

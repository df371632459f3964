"""Django's admin pages, titled, for staff only."""

from django.contrib.admin import AdminSite


class TouchstoneAdminSite(AdminSite):
    site_header = "Touchstone administration"
    site_title = "Touchstone"
    index_title = "Tables"

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("curation", "0004_campaigns")]

    operations = []

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rewardtrain", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="sweep",
            field=models.CharField(
                blank=True, help_text="Runs that were started together have one name.", max_length=120
            ),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("annotate", "0001_initial"),
        ("curation", "0005_selection"),
    ]

    operations = [
        migrations.CreateModel(
            name='StandingReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=40)),
                ('source', models.CharField(help_text='Names the answers that it was computed from.', max_length=64)),
                ('figures', models.JSONField(help_text='{"dimensions": [{"dimension", ... `curation.judging.standing.report`}]}')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standing_reports', to='annotate.project')),
            ],
            options={
                'ordering': ['-pk'],
                'get_latest_by': 'pk',
            },
        ),
        migrations.CreateModel(
            name='CascadeStudy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=40)),
                ('dimension', models.CharField(blank=True, max_length=40)),
                ('judges', models.JSONField(help_text='Names of raters, from cheap to dear.')),
                ('delta', models.FloatField(help_text='Chance that the labels mislead into a promise that is not kept.')),
                ('people_cost', models.FloatField(help_text='Of one answer by people.')),
                ('source', models.CharField(max_length=64)),
                ('figures', models.JSONField(help_text='{"pairs", "known", "prompts", "people", "judges", "plans"}')),
                ('applied', models.JSONField(blank=True, default=dict, help_text='The plan made of it: promise, budget, tasks, at.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cascade_studies', to='annotate.project')),
            ],
            options={
                'ordering': ['-pk'],
                'get_latest_by': 'pk',
                'constraints': [models.CheckConstraint(condition=models.Q(('delta__gt', 0), ('delta__lt', 1), ('people_cost__gte', 0)), name='cascade_settings_in_range')],
            },
        ),
    ]

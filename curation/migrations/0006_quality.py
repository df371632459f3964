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
        migrations.CreateModel(
            name='Trial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('prompt', 'its prompt, by a meta judge'), ('skills', 'a library of skills')], max_length=6)),
                ('meta_endpoint', models.CharField(blank=True, max_length=80)),
                ('dimension', models.CharField(blank=True, max_length=40)),
                ('settings', models.JSONField(blank=True, default=dict)),
                ('figures', models.JSONField(blank=True, default=dict)),
                ('verdict', models.CharField(blank=True, max_length=20)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('best', models.ForeignKey(blank=True, help_text='The version it made.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='curation.judge')),
                ('judge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='curation.judge')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='judge_trials', to='annotate.project')),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='trial', to='curation.judgerun')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='JudgingSkill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('when', models.CharField(blank=True, max_length=200)),
                ('instruction', models.CharField(max_length=600)),
                ('category', models.CharField(blank=True, help_text='Of the items that it is for; blank: any.', max_length=100)),
                ('words', models.JSONField(blank=True, default=list, help_text='Of the prompts that it was born from.')),
                ('evidence', models.JSONField(default=dict, help_text='On cases set apart to check: n, righted, wronged.')),
                ('is_on', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('judge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skills', to='curation.judge')),
                ('trial', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='skills', to='curation.trial')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.CheckConstraint(condition=models.Q(('what__in', ['prompt', 'skills'])), name='judge_trial_what_known'),
        ),
    ]
